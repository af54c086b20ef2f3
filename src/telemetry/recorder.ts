/** Gathers what happened in one call and emits it exactly once. */
import { isoTime } from "../lib/iso-time.ts";
import type { World } from "../lib/world.ts";
import type { Usage } from "../schema/chat.ts";
import type { ModelFacts } from "../schema/model-facts.ts";
import type { AttemptRecord, CallRecord } from "../schema/record.ts";
import { costOf } from "./cost.ts";

export interface CallOpening {
  /** The client's; the call's own id stands in for one. */
  readonly traceId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly ingress: string | null;
}

const NO_NOTES: readonly string[] = [];

export type Emit = (record: CallRecord) => void;

/** What is known of a provider's model. */
export type FactsOf = (provider: string, model: string) => ModelFacts | undefined;

export class Recorder {
  readonly id: string;
  originalModel: string | null = null;
  responseModel: string | null = null;
  finish: string | null = null;
  usage: Usage | null = null;
  stream = false;
  error: CallRecord["error"] = null;
  readonly attempts: AttemptRecord[] = [];
  readonly #opening: CallOpening;
  readonly #world: World;
  readonly #emit: Emit;
  readonly #startedAt: number;
  #notes: Set<string> | undefined;
  #waitedMs = 0;
  #handsOnSince: number | undefined;
  #emitted = false;
  #leave = (): void => this.settle(499, "cancelled");

  readonly #factsOf: FactsOf;

  constructor(opening: CallOpening, world: World, emit: Emit, factsOf: FactsOf = () => undefined) {
    this.#opening = opening;
    this.#world = world;
    this.#emit = emit;
    this.#factsOf = factsOf;
    this.#startedAt = world.now();
    this.id = world.id();
  }

  get traceId(): string {
    return this.#opening.traceId ?? this.id;
  }

  get notes(): readonly string[] {
    return this.#notes === undefined ? NO_NOTES : [...this.#notes];
  }

  note(...notes: readonly string[]): void {
    if (notes.length === 0) return;
    this.#notes ??= new Set();
    for (const note of notes) this.#notes.add(note);
  }

  /** Time that upstreams or back-off took, which is not ours. */
  waited(ms: number): void {
    this.#waitedMs += ms;
  }

  /** The answer goes on as it comes: from here on time is its upstream's, or its client's. */
  handsOn(): void {
    this.#handsOnSince = this.#world.now();
  }

  /** The call is over; later words about it are not heard. */
  settle(status: number, outcome: CallRecord["outcome"]): void {
    if (this.#emitted) return;
    this.#emitted = true;
    this.#emit(this.#record(status, outcome));
  }

  /** The client has left. */
  left(): void {
    this.#leave();
  }

  /** What the client's leaving means from now on: an answer that it had whole is no cancelled one. */
  whenLeft(leave: () => void): void {
    this.#leave = leave;
  }

  #record(status: number, outcome: CallRecord["outcome"]): CallRecord {
    const last = this.attempts.at(-1);
    const now = this.#world.now();
    const durationMs = now - this.#startedAt;
    const othersMs = this.#waitedMs + now - (this.#handsOnSince ?? now);
    return {
      id: this.id,
      traceId: this.traceId,
      method: this.#opening.method,
      path: this.#opening.path,
      endpoint: this.#opening.endpoint,
      ingress: this.#opening.ingress,
      time: isoTime(this.#world.date()),
      status,
      outcome,
      stream: this.stream,
      provider: last?.provider ?? null,
      target: last?.target ?? null,
      originalModel: this.originalModel,
      requestModel: last?.requestModel ?? null,
      responseModel: this.responseModel,
      finish: this.finish,
      attempts: this.attempts,
      usage: this.usage,
      cost: this.#cost(last),
      ttftMs: last?.ttftMs ?? null,
      durationMs,
      overheadMs: Math.max(0, durationMs - othersMs),
      notes: this.notes,
      error: this.error,
    };
  }

  /** The model that answered is priced, or the one that was asked for where its own name is not known. */
  #cost(last: AttemptRecord | undefined): number | null {
    if (this.usage === null || last === undefined) return null;
    for (const model of [this.responseModel, last.requestModel]) {
      const facts = model === null ? undefined : this.#factsOf(last.provider, model);
      if (facts !== undefined) return costOf(facts, this.usage, this.#world.date());
    }
    return null;
  }
}
