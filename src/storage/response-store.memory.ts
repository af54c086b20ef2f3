/** Responses kept in memory, for as long as the process lives. */
import type { KeptResponse, ResponseStore } from "./response-store.ts";
import { ResponseTooLarge, sizeOf } from "./response-store.ts";

export const memoryResponseStore = (maxBytes: number): ResponseStore => new MemoryResponseStore(maxBytes);

/** Async because engines are: what is thrown is a rejection. */
class MemoryResponseStore implements ResponseStore {
  /** In the order in which they were put. */
  readonly #kept = new Map<string, KeptResponse>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  async put(response: KeptResponse): Promise<void> {
    const size = sizeOf(response);
    if (size > this.#maxBytes) throw new ResponseTooLarge(size, this.#maxBytes);
    this.#forget(response.owner, response.id);
    for (const oldest of this.#kept.values()) {
      if (this.#bytes + size <= this.#maxBytes) break;
      this.#forget(oldest.owner, oldest.id);
    }
    this.#kept.set(keyOf(response.owner, response.id), response);
    this.#bytes += size;
  }

  async get(owner: string, id: string, now: number): Promise<KeptResponse | undefined> {
    const kept = this.#kept.get(keyOf(owner, id));
    return kept === undefined || kept.expiresAt <= now ? undefined : kept;
  }

  async delete(owner: string, id: string): Promise<boolean> {
    return this.#forget(owner, id);
  }

  async sweep(now: number): Promise<number> {
    const expired = [...this.#kept.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { owner, id } of expired) this.#forget(owner, id);
    return expired.length;
  }

  async close(): Promise<void> {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #forget(owner: string, id: string): boolean {
    const key = keyOf(owner, id);
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#bytes -= sizeOf(kept);
    return this.#kept.delete(key);
  }
}

const keyOf = (owner: string, id: string): string => JSON.stringify([owner, id]);
