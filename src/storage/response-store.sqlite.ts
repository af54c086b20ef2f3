/**
 * Responses kept in one file by SQLite.
 *
 * A write blocks the process for as long as it takes, so it waits neither for the disk (`synchronous` is
 * `NORMAL`, which under a write-ahead log may lose the last moments before a power cut, never the file)
 * nor for long for another process.
 */
import { Database } from "bun:sqlite";
import type { KeptResponse, ResponseStore } from "./response-store.ts";
import { ResponseTooLarge, sizeOf } from "./response-store.ts";

/** Throws when the file cannot be opened, or is no database. */
export const sqliteResponseStore = (file: string, maxBytes: number): ResponseStore =>
  new SqliteResponseStore(new Database(file, { create: true, strict: true }), maxBytes);

const LOCK_WAIT_MS = 50;

/** `bytes` stands before the text, so that summing it does not read the texts. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS responses (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (owner, id)
  );
  CREATE INDEX IF NOT EXISTS responses_by_expiry ON responses (expires_at);
`;

interface Row {
  readonly created_at: number;
  readonly expires_at: number;
  readonly text: string;
}

interface Size {
  readonly place: number;
  readonly bytes: number;
}

class SqliteResponseStore implements ResponseStore {
  readonly #database: Database;
  readonly #maxBytes: number;
  /** Of all texts. */
  #bytes: number;

  constructor(database: Database, maxBytes: number) {
    this.#database = database;
    this.#maxBytes = maxBytes;
    database.run(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    database.run(TABLES);
    this.#bytes = this.#sum();
  }

  async put(response: KeptResponse): Promise<void> {
    const size = sizeOf(response);
    if (size > this.#maxBytes) throw new ResponseTooLarge(size, this.#maxBytes);
    const write = this.#database.transaction(() => {
      const added = size - this.#remove(response.owner, response.id);
      const freed = this.#makeRoom(added);
      this.#insert(response, size);
      return added - freed;
    });
    this.#bytes += write.immediate();
  }

  async get(owner: string, id: string, now: number): Promise<KeptResponse | undefined> {
    const row = this.#database
      .query<Row, [string, string, number]>(
        "SELECT created_at, expires_at, text FROM responses WHERE owner = ? AND id = ? AND expires_at > ?",
      )
      .get(owner, id, now);
    if (row === null) return undefined;
    return { owner, id, createdAt: row.created_at, expiresAt: row.expires_at, text: row.text };
  }

  async delete(owner: string, id: string): Promise<boolean> {
    const freed = this.#remove(owner, id);
    this.#bytes -= freed;
    return freed > 0;
  }

  async sweep(now: number): Promise<number> {
    const { changes } = this.#database
      .query<never, [number]>("DELETE FROM responses WHERE expires_at <= ?")
      .run(now);
    this.#bytes = this.#sum(); // of other processes' writes, too
    return changes;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #insert({ owner, id, createdAt, expiresAt, text }: KeptResponse, size: number): void {
    this.#database
      .query<never, [string, string, number, number, number, string]>(
        "INSERT INTO responses (owner, id, created_at, expires_at, bytes, text) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(owner, id, createdAt, expiresAt, size, text);
  }

  /** The bytes that became free. */
  #remove(owner: string, id: string): number {
    const row = this.#database
      .query<Pick<Size, "bytes">, [string, string]>(
        "DELETE FROM responses WHERE owner = ? AND id = ? RETURNING bytes",
      )
      .get(owner, id);
    return row?.bytes ?? 0;
  }

  /** Removes the oldest until `added` bytes fit; the bytes that became free. */
  #makeRoom(added: number): number {
    const excess = this.#bytes + added - this.#maxBytes;
    if (excess <= 0) return 0;
    const last = this.#lastToGo(excess);
    if (last === undefined) return 0;
    this.#database.query<never, [number]>("DELETE FROM responses WHERE rowid <= ?").run(last.place);
    return last.bytes;
  }

  /** The newest of the oldest that have to go, and the bytes of them all. */
  #lastToGo(excess: number): Size | undefined {
    let freed = 0;
    const oldest = this.#database.query<Size, []>(
      "SELECT rowid AS place, bytes FROM responses ORDER BY rowid",
    );
    for (const { place, bytes } of oldest.iterate()) {
      freed += bytes;
      if (freed >= excess) return { place, bytes: freed };
    }
    return undefined;
  }

  #sum(): number {
    return (
      this.#database.query<Pick<Size, "bytes">, []>("SELECT sum(bytes) AS bytes FROM responses").get()
        ?.bytes ?? 0
    );
  }
}
