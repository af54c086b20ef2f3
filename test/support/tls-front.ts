/** TLS in front of a server of plain HTTP, for clients that speak nothing else. */
import { connect } from "node:net";
import { createServer } from "node:tls";
import { CERTIFICATE, PRIVATE_KEY } from "../lib/certificate.ts";

export interface TlsFront {
  readonly url: string;
  close(): void;
}

export const startTlsFront = async (behind: string): Promise<TlsFront> => {
  const { hostname, port } = new URL(behind);
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (outer) => {
    const inner = connect(Number(port), hostname);
    outer.pipe(inner).pipe(outer);
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const)
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot listen: no port");
  return { url: `https://127.0.0.1:${address.port}`, close: () => void server.close() };
};
