/**
 * Counting tokens where the provider does not: an estimate, which says that it is one.
 *
 * A provider without a counter is not called at all. One that has none after all (a compatible server behind
 * a custom host, a model that its vendor does not count) is answered for in the same way.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import { fieldsFrom } from "../lib/header-fields.ts";
import { estimateTokens } from "../providers/token-estimate.ts";
import { readCounted } from "../providers/codec.count-tokens.ts";
import type { Fault } from "../schema/chat.ts";
import type { Call } from "./call.ts";
import { effectiveBody } from "./prepare.ts";
import type { Reply, ReplyContent } from "./reply-head.ts";
import type { Adapted } from "./resource.ts";
import type { ResolvedTarget } from "./target.ts";

/** Says where a count comes from: `native` or `estimate`. */
export const COUNT_HEADER = "x-turnpike-token-count";

/** The attempt that asks nobody, or undefined when somebody is to be asked. */
export const estimated = (call: Call, target: ResolvedTarget): Adapted | undefined =>
  call.inbound.ingress.endpoint === "count_tokens" && target.row.paths.count_tokens === undefined
    ? { mode: "translated", notes: [], run: async () => estimate(call, target) }
    : undefined;

/** The reply of a provider that was asked to count, with what it is; any other reply as it is. */
export const countedBy = (call: Call, target: ResolvedTarget, reply: Reply): Reply => {
  if (call.inbound.ingress.endpoint !== "count_tokens") return reply;
  if (reply.headers.get(COUNT_HEADER) !== null) return reply; // ours, or that of another gateway like this one
  if (reply.content.kind !== "fault") return { ...reply, headers: marked(reply.headers, "native") };
  if (!cannotCount(reply.status, reply.content)) return reply;
  reply.discard();
  call.recorder.note(`count_tokens (${target.row.id} does not count: ${reply.status})`);
  return estimate(call, target);
};

/** No such method, or nothing behind it: what is wrong with the request itself is not told this way. */
const NO_COUNTER: ReadonlySet<number> = new Set([405, 501]);

/** Bedrock's words for models whose tokens it does not count. */
const UNCOUNTED = /support(?:s|ed)? counting tokens/i;

const cannotCount = (status: number, { fault }: Extract<ReplyContent, { kind: "fault" }>): boolean =>
  NO_COUNTER.has(status) || UNCOUNTED.test(fault.message) || (status === 404 && !isAboutModel(fault));

/** A vendor that knows no such model says so with the status of a path that is not there: the client is to hear it. */
const isAboutModel = ({ code, message }: Fault): boolean => /model/i.test(`${code} ${message}`);

const estimate = (call: Call, target: ResolvedTarget): Reply => ({
  status: 200,
  headers: marked(undefined, "estimate"),
  target,
  content: {
    kind: "mapped",
    value: { input_tokens: estimateTokens(readCounted(effectiveBody(call, target))) },
  },
  abort: nothing,
  discard: nothing,
});

const marked = (headers: HeaderFields | undefined, how: "native" | "estimate"): HeaderFields =>
  fieldsFrom({ ...Object.fromEntries(headers ?? []), [COUNT_HEADER]: how });

/** There is no connection to let go of. */
const nothing = (): void => {};
