/** Where responses are kept until they are asked for again: what every engine does. */

/** Kept as one text, of which an engine knows nothing. */
export interface KeptResponse {
  /** Who may ask for it. */
  readonly owner: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly text: string;
}

/** Every method may fail; whoever calls goes on without the store. */
export interface ResponseStore {
  /** Keeps a response, in place of one with the same owner and id; the oldest go where there is no room. */
  put(response: KeptResponse): Promise<void>;
  /** Undefined for what is not there, has expired by `now`, or is another's. */
  get(owner: string, id: string, now: number): Promise<KeptResponse | undefined>;
  /** True when there was something to delete. */
  delete(owner: string, id: string): Promise<boolean>;
  /** Forgets what has expired by `now`; how many they were. */
  sweep(now: number): Promise<number>;
  close(): Promise<void>;
}

/** Thrown for a response that would not fit an empty store. */
export class ResponseTooLarge extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`a response of ${bytes} bytes is larger than the whole store (${maxBytes} bytes)`);
    this.name = "ResponseTooLarge";
  }
}

export const sizeOf = ({ text }: KeptResponse): number => Buffer.byteLength(text);
