/** That work ends before its time: what an `AbortSignal` tells, which is one of these, at a tenth of its cost. */

export interface Ending {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Ends once; a platform's signal is made of it only for those who ask for one. */
export class Ender implements Ending {
  #isAborted = false;
  #reason: unknown;
  readonly #listeners: (() => void)[] = [];
  #controller: AbortController | undefined;

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }

  /** Each listener is called once. */
  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#isAborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    if (this.#listeners.at(-1) === listener) {
      this.#listeners.pop(); // as it is mostly: who came last leaves first
      return;
    }
    const index = this.#listeners.lastIndexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }

  abort(reason: unknown = new DOMException("The operation was aborted.", "AbortError")): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    try {
      this.#tell();
    } finally {
      this.#controller?.abort(reason);
    }
  }

  /** Whoever leaves while others are told is not told; one that fails does not keep it from the others. */
  #tell(): void {
    const listener = this.#listeners.shift();
    if (listener === undefined) return;
    try {
      listener();
    } finally {
      this.#tell();
    }
  }
}
