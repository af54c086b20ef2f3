/** An exchange whose connection is the test: it decides what comes in which read. */
import { Connection } from "../../src/lib/http.connection.ts";
import { Exchange } from "../../src/lib/http.exchange.ts";
import { request } from "./raw-server.ts";

export interface Played {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In Latin-1. */
  readonly body: string;
  /** Its connection may carry another exchange. */
  readonly isKept: boolean;
}

/** What is made of an answer in these reads, in Latin-1; `ends` when the connection does, too. */
export const played = async (
  reads: readonly string[],
  ends: "ends" | "stays" = "stays",
  method = "GET",
): Promise<Played> => {
  const opening = Promise.withResolvers<Connection>();
  opening.promise.catch(() => undefined); // it never opened, so that it fails when it closes
  const connection = new Connection(opening);
  let isReleased = false;
  const wire = { method, head: { isAscii: true, text: "" }, body: null, length: 0, signal: request().signal };
  const answer = new Exchange(connection, wire, () => (isReleased = true)).run();
  const isRead = (read: string): boolean => read !== ""; // no socket reads nothing
  for (const read of reads.filter(isRead)) connection.received(Buffer.from(read, "latin1"));
  const isKept = isReleased && connection.isOpen;
  if (ends === "ends") connection.closed(undefined);
  const response = await answer;
  const body = Buffer.from(await response.bytes()).toString("latin1");
  return { status: response.status, headers: [...response.headers], body, isKept };
};
