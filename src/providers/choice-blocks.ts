/** The blocks of one choice while it is read: at most one is open, and the next one closes it. */
import type { BlockStart, ChatEvent, Delta } from "../schema/chat.ts";

/** A block that is open or was: `key` tells apart neighbours of one kind. */
export interface Run {
  readonly kind: BlockStart["kind"];
  readonly key: number;
  readonly block: number;
}

export class ChoiceBlocks {
  readonly #choice: number;
  #next = 0;
  #open: Run | undefined;

  constructor(choice: number) {
    this.#choice = choice;
  }

  /** The open block where it goes on, else a new one. */
  continued(events: ChatEvent[], kind: "text" | "refusal" | "reasoning", key = 0): Run {
    const open = this.#open;
    return open?.kind === kind && open.key === key ? open : this.opened(events, { kind }, key);
  }

  opened(events: ChatEvent[], start: BlockStart, key = 0): Run {
    this.close(events);
    const run = { kind: start.kind, key, block: this.#next++ };
    this.#open = run;
    events.push({ type: "block-start", choice: this.#choice, block: run.block, start });
    return run;
  }

  /** Also of a block that is closed: some proofs and citations come late. */
  say(events: ChatEvent[], { block }: Pick<Run, "block">, delta: Delta): void {
    events.push({ type: "block-delta", choice: this.#choice, block, delta });
  }

  close(events: ChatEvent[]): void {
    if (this.#open === undefined) return;
    events.push({ type: "block-stop", choice: this.#choice, block: this.#open.block });
    this.#open = undefined;
  }
}
