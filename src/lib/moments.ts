/**
 * Work for what lasts: most things are over within a moment, and need no timer and no listener of their own.
 *
 * One timer serves everybody. What is handed over runs one to two moments later, unless it was dropped first.
 */

export const MOMENT_MS = 100;

/** What is to be done after a moment. */
export class Later {
  #work: (() => void) | undefined;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Lets go of the work, so that nothing is kept alive for it. */
  drop(): void {
    this.#work = undefined;
  }

  /** Does it, once. */
  run(): void {
    const work = this.#work;
    this.#work = undefined;
    work?.();
  }
}

export class Moments {
  #younger: Later[] = [];
  #older: Later[] = [];
  #timer: Timer | undefined;

  later(work: () => void): Later {
    const later = new Later(work);
    this.#younger.push(later);
    this.#timer ??= setInterval(() => this.#tick(), MOMENT_MS);
    return later;
  }

  #tick(): void {
    const due = this.#older;
    this.#older = this.#younger;
    this.#younger = [];
    if (this.#older.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const later of due) later.run();
  }
}
