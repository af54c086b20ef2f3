/** HTTP/1.1 on a bare socket, so that a test decides about every byte, FIN and RST. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

export interface WireRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** Lower-case names; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface ByteReader {
  /** Everything before `mark`, which is taken too; undefined when the bytes end first. */
  until(mark: string): Promise<Buffer | undefined>;
  take(length: number): Promise<Buffer | undefined>;
}

export const byteReader = (socket: Socket): ByteReader => {
  let buffer = Buffer.alloc(0);
  let ended = false;
  let wake = (): void => undefined;
  socket.on("data", (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes]);
    wake();
  });
  for (const event of ["end", "close"] as const) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  const cut = async (find: () => number, skip: number): Promise<Buffer | undefined> => {
    for (;;) {
      const end = find();
      if (end >= 0) {
        const taken = buffer.subarray(0, end);
        buffer = buffer.subarray(end + skip);
        return taken;
      }
      if (ended) return undefined;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    until: (mark) => cut(() => buffer.indexOf(mark), mark.length),
    take: (length) => cut(() => (buffer.length >= length ? length : -1), 0),
  };
};

/** The next request of the connection; undefined when the peer has no more. */
export const readRequest = async (reader: ByteReader): Promise<WireRequest | undefined> => {
  const head = await reader.until("\r\n\r\n");
  if (head === undefined) return undefined;
  const [requestLine = "", ...lines] = head.toString("latin1").split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const rawHeaders = lines.map(headerOf);
  const headers = joinHeaders(rawHeaders);
  const body = await readBody(reader, headers);
  return body && { method, target, headers, rawHeaders, body: body.toString() };
};

const headerOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
};

const joinHeaders = (raw: readonly (readonly [string, string])[]): Record<string, string> => {
  const joined: Record<string, string> = {};
  for (const [name, value] of raw) {
    const key = name.toLowerCase();
    joined[key] = key in joined ? `${joined[key]}, ${value}` : value;
  }
  return joined;
};

const readBody = (
  reader: ByteReader,
  headers: Readonly<Record<string, string>>,
): Promise<Buffer | undefined> =>
  headers["transfer-encoding"]?.includes("chunked")
    ? readChunks(reader)
    : reader.take(Number(headers["content-length"] ?? 0));

const readChunks = async (reader: ByteReader): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  for (;;) {
    const size = Number.parseInt((await reader.until("\r\n"))?.toString() ?? "", 16);
    const chunk = Number.isNaN(size) ? undefined : await reader.take(size);
    const lineEnd = chunk && (await reader.until("\r\n"));
    if (chunk === undefined || lineEnd === undefined) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
};

export const headOf = (status: number, headers: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}\r\n`;
};

export const chunkOf = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

export const LAST_CHUNK = "0\r\n\r\n";
