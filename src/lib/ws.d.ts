/** The client of Bun's own `ws` module, as far as the egress uses it; Bun carries no types for it. */
declare module "ws" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";

  interface OpeningOptions {
    readonly headers: Readonly<Record<string, string>>;
    readonly maxPayload: number;
    readonly perMessageDeflate: false;
    readonly followRedirects: false;
    readonly tls?: { readonly serverName: string };
  }

  interface ClientEvents {
    upgrade: [response: IncomingMessage];
    "unexpected-response": [request: unknown, response: IncomingMessage];
    open: [];
    /** `data` of a text message is its UTF-8. */
    message: [data: Buffer<ArrayBuffer>, isBinary: boolean];
    error: [error: Error];
    close: [code: number, reason: Buffer];
  }

  export class WebSocket extends EventEmitter<ClientEvents> {
    constructor(url: string, protocols: readonly string[], options: OpeningOptions);
    readonly bufferedAmount: number;
    readonly protocol: string;
    send(data: string | Uint8Array, sent: () => void): void;
    close(code?: number, reason?: string): void;
    pause(): void;
    resume(): void;
    terminate(): void;
  }
}
