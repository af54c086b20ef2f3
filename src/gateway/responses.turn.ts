/** A turn of a conversation in the Responses API: what came before it, and where its answer is kept. */
import { spliceJson } from "../lib/json-splice.ts";
import type { KeptAnswer } from "../providers/dialect.ts";
import { holdsStrangers } from "../providers/openai-responses.strangers.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { Limits } from "../schema/limits.ts";
import { isOwnResponseId, newResponseId } from "../schema/response-id.ts";
import { callerOf } from "./caller.ts";
import type { Inbound, InboundBody, Ingress } from "./inbound.ts";
import { inputItems, listed } from "./responses.items.ts";
import { everySaid, resolved } from "./responses.references.ts";
import type { Kept, Responses } from "./responses.state.ts";

export interface Turn {
  readonly answer: KeptAnswer;
  /** Items stand in the input that only we have seen. */
  readonly isOfOurs: boolean;
  /** Undefined when the answer is kept, else why it is not. */
  keep(response: JsonObject): Promise<string | undefined>;
}

export interface OpenedTurn {
  readonly turn: Turn;
  /** The request with everything in it that it refers to. */
  readonly inbound: Inbound;
}

export const hasTurns = ({ endpoint, dialect, compacts }: Ingress): boolean =>
  dialect === "openai-responses" && (endpoint === "chat" || compacts === true);

/** Throws `GatewayError("storage_unavailable")` when what the request refers to cannot be read. */
export const openTurn = async (
  responses: Responses,
  inbound: Inbound,
  { maxJsonBytes }: Limits,
): Promise<OpenedTurn | undefined> => {
  if (inbound.body.kind !== "json") return undefined; // a compaction that is passed on packed
  const { value } = inbound.body;
  const owner = callerOf(inbound.headers);
  const previous = await previousOf(responses, owner, value["previous_response_id"]);
  const own = await resolved(responses, owner, value["input"], maxJsonBytes);
  const before = previous && everySaid(previous);
  const isChanged = before !== undefined || own !== value["input"];
  const answer = answerOf(value, previous);
  return {
    inbound: isChanged ? continued(inbound, inbound.body, before, own) : inbound,
    turn: {
      answer,
      isOfOurs: isChanged || holdsStrangers(own),
      keep: (response) => {
        const input = [...(before ?? []), ...inputItems(own, answer.id, before?.length ?? 0)];
        return responses.keep(owner, answer.id, { response, input });
      },
    },
  };
};

const answerOf = (request: JsonObject, previous: Kept | undefined): KeptAnswer => {
  const previousId = previous?.response["id"];
  return {
    id: newResponseId(),
    previousId: isString(previousId) ? previousId : null,
    isStored: request["store"] !== false,
  };
};

type JsonBody = Extract<InboundBody, { readonly kind: "json" }>;

/** Undefined for an id that is another server's, or nobody's. */
const previousOf = async (
  responses: Responses,
  owner: string,
  id: JsonValue | undefined,
): Promise<Kept | undefined> => (isString(id) && isOwnResponseId(id) ? responses.find(owner, id) : undefined);

/** The client's request as if it had sent everything itself. What an earlier turn was instructed is not part of it. */
const continued = (
  inbound: Inbound,
  { text, value }: JsonBody,
  before: readonly JsonObject[] | undefined,
  own: JsonValue | undefined,
): Inbound => {
  if (before === undefined) return withBody(inbound, text, { ...value, input: own });
  const { previous_response_id: _, ...rest } = value;
  const alone = spliceJson(text, [{ op: "remove", path: ["previous_response_id"] }]);
  return withBody(inbound, alone, { ...rest, input: [...before, ...listed(own)] });
};

/** `text` is that of `value` but for the input. */
const withBody = (inbound: Inbound, text: string, value: JsonObject): Inbound => {
  const edited = spliceJson(text, [{ op: "set", path: ["input"], value: value["input"] ?? null }]);
  return { ...inbound, body: { kind: "json", text: edited, value } };
};
