/** Compaction of a conversation: the provider's own where it has the Responses API, else a summary of the model's. */
import { summaryRequest, writeCompaction } from "../providers/openai-responses.compaction.ts";
import { GatewayError, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Call } from "./call.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import { inputItems } from "./responses.items.ts";
import type { ResolvedTarget } from "./target.ts";

/** The call as it is for the target: one that cannot compact is asked for a summary. */
export const askedOf = (call: Call, { row }: ResolvedTarget): Call =>
  call.inbound.ingress.compacts === true && row.paths.responses === undefined
    ? { ...call, turn: undefined, inbound: summaryInbound(call) }
    : call;

/** The answer to a compaction out of a response that holds the summary. */
export const compacted = (call: Call, response: JsonObject): JsonObject => {
  try {
    return writeCompaction(response, itemsOf(call));
  } catch (error) {
    if (!(error instanceof MalformedReply)) throw error;
    throw new GatewayError("upstream_malformed", `Cannot compact the conversation: ${error.message}`, {
      cause: error,
    });
  }
};

const itemsOf = ({ inbound, turn }: Call): readonly JsonObject[] =>
  inputItems(bodyJson(inbound)["input"], turn?.answer.id ?? "", 0);

const summaryInbound = (call: Call): Inbound => {
  const { inbound } = call;
  if (inbound.body.kind !== "json")
    throw new GatewayError("invalid_json", "Cannot compact the conversation: a JSON object is expected");
  const value = summaryRequest(inbound.body.value, itemsOf(call));
  return {
    ...inbound,
    pathname: "/v1/responses",
    ingress: { endpoint: "chat", dialect: "openai-responses" },
    body: { kind: "json", text: JSON.stringify(value), value },
  };
};
