/** Bytes as sockets and streams hand them over: never shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;
