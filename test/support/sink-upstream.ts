/** A provider for large bodies: it takes them in without keeping them, and tells how many bytes they were, and which. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface Taken {
  readonly url: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SinkUpstream {
  readonly url: string;
  /** Every body that was read to its end. */
  readonly taken: readonly Taken[];
  /** The statuses of the next answers; 200 after them. */
  answer(...statuses: readonly number[]): void;
  reset(): void;
  close(): Promise<void>;
}

export const startSinkUpstream = async (): Promise<SinkUpstream> => {
  let taken: Taken[] = [];
  let statuses: number[] = [];
  const server = createServer((request, response) => {
    void take(request).then((body) => {
      taken.push(body);
      reply(response, statuses.shift() ?? 200, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot listen: no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get taken() {
      return taken;
    },
    answer: (...more) => void statuses.push(...more),
    reset() {
      taken = [];
      statuses = [];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

const take = async (request: IncomingMessage): Promise<Taken> => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  const contentType = request.headers["content-type"] ?? "";
  return { url: request.url ?? "", contentType, bytes, sha256: hash.digest("hex") };
};

const reply = (response: ServerResponse, status: number, { bytes, sha256 }: Taken): void => {
  response.writeHead(status, { "content-type": "application/json" });
  const body =
    status < 400 ? { id: "file-1", text: "", bytes, sha256 } : { error: { message: "no", type: "t" } };
  response.end(JSON.stringify(body));
};
