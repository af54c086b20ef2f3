/** Names that nobody can guess. */

/** As many random bytes, in hexadecimal. */
export const randomHex = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
