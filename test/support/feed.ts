/** Things that happen in another process or connection, handed out one by one in order. */
import { STEP_MS, within } from "./wait.ts";

interface Waiter<T> {
  readonly matches: (item: T) => boolean;
  readonly resolve: (item: T) => void;
}

export class Feed<T> {
  readonly #what: string;
  readonly #all: T[] = [];
  #unread: T[] = [];
  #waiters: Waiter<T>[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  get all(): readonly T[] {
    return this.#all;
  }

  push(item: T): void {
    this.#all.push(item);
    const waiter = this.#waiters.find(({ matches }) => matches(item));
    if (waiter === undefined) {
      this.#unread.push(item);
      return;
    }
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    waiter.resolve(item);
  }

  /** The first item that nobody was given yet and that `matches`; items passed over stay unread. */
  next(matches: (item: T) => boolean = () => true, ms: number = STEP_MS): Promise<T> {
    const index = this.#unread.findIndex(matches);
    const [found] = index < 0 ? [] : this.#unread.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#waiters.push({ matches, resolve });
    return within(promise, `the next ${this.#what}`, ms);
  }

  clear(): void {
    this.#all.length = 0;
    this.#unread = [];
    this.#waiters = [];
  }
}
