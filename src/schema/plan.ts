/** What a strategy may know of a call, and the one type every strategy takes and returns. */
import type { Ending } from "../lib/ending.ts";
import type { World } from "../lib/world.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome, ReplyHead } from "./outcome.ts";

/** What conditions look at. */
export interface MatchScope {
  readonly metadata: JsonObject | null;
  /** The client's JSON body, before overrides. */
  readonly params: JsonObject;
  readonly url: { readonly pathname: string };
}

export interface RoutedCall {
  /** The client left, or the gateway is going down. */
  readonly signal: Ending;
  readonly world: World;
  scope(): MatchScope;
  /** Whether this call may try a target once more; a call is bounded whatever its config multiplies to. */
  hasTries(): boolean;
  /** Milliseconds of waiting between tries this call may still spend. */
  readonly patience: { leftMs: number };
  /** Time spent waiting that is not ours to answer for. */
  waited(ms: number): void;
}

export type Dispatch<Call extends RoutedCall = RoutedCall, Reply extends ReplyHead = ReplyHead> = (
  call: Call,
) => Promise<Outcome<Reply>>;
