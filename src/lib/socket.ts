/** One end of a WebSocket connection, whoever opened it. */
import type { Bytes } from "./bytes.ts";

/** A text message, or a binary one. */
export type SocketMessage = string | Bytes;

/** What an end tells. */
export interface SocketEvents {
  message(message: SocketMessage): void;
  /** There is room again after a `send` that said there was none. */
  drained(): void;
  /** Called once. 1005 is a close without a code, 1006 an end without a close. */
  closed(code: number, reason: string): void;
}

export interface SocketEnd {
  /** The sub-protocol in use, or nothing. */
  readonly protocol: string;
  /** Takes the message; false when no more should come until `drained`. */
  send(message: SocketMessage): boolean;
  /** No further messages, but for those that were read already. */
  pause(): void;
  resume(): void;
  /** Says goodbye; the end is `closed` when the other side has, too. */
  close(code: number, reason: string): void;
  /** Ends it at once. */
  terminate(): void;
}
