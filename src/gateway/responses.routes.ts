/** Responses that are asked for again. What is not kept here is the named provider's, if it has the API. */
import { fieldsOf } from "../lib/header-fields.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isOwnResponseId } from "../schema/response-id.ts";
import type { Gateway } from "./assemble.ts";
import type { Connection } from "./call.ts";
import { callerOf } from "./caller.ts";
import { watchDeparture } from "./departure.ts";
import type { Handle } from "./handle.ts";
import { handle } from "./handle.ts";
import type { Ingress } from "./inbound.ts";
import { namesProvider } from "./models.ts";
import { refuse } from "./refuse.ts";
import { responseNotFound } from "./responses.elsewhere.ts";
import { pageOf } from "./responses.items.ts";
import type { Kept, Responses } from "./responses.state.ts";

/** What can be done with a response that is kept. */
export type KeptRoute = "retrieve" | "delete" | "input_items" | "cancel";

export const handleKept = (current: () => Gateway, ingress: Ingress, route: KeptRoute): Handle => {
  const passOn = handle(current, ingress);
  return (request, connection) => {
    const gateway = current();
    const asked = askedOf(request);
    const isElsewhere = !isOwnResponseId(asked.id) && (gateway.hasDefault || namesProvider(request.headers));
    return isElsewhere
      ? passOn(request, connection)
      : answer(gateway, ingress, request, connection, route, asked);
  };
};

interface Asked {
  readonly id: string;
  readonly query: URLSearchParams;
}

const askedOf = (request: Request): Asked => {
  const { pathname, searchParams } = new URL(request.url);
  return { id: pathname.split("/")[3] ?? "", query: searchParams };
};

const answer = async (
  gateway: Gateway,
  ingress: Ingress,
  request: Request,
  connection: Connection,
  route: KeptRoute,
  asked: Asked,
): Promise<Response> => {
  const fields = fieldsOf(request.headers);
  const recorder = gateway.record(request, fields, ingress, watchDeparture(request), connection);
  try {
    const body = await ANSWERS[route](gateway.responses, callerOf(fields), asked);
    recorder.settle(200, "answered");
    return new Response(JSON.stringify(body), {
      headers: { "content-type": "application/json", "x-portkey-trace-id": recorder.traceId },
    });
  } catch (error) {
    return refuse(gateway, ingress, recorder, error);
  }
};

type Answer = (responses: Responses, owner: string, asked: Asked) => Promise<JsonObject>;

/** By the OpenAI SDK 7.57; what a deletion is answered: developers.openai.com/api/reference, responses/methods/delete. */
const ANSWERS: Readonly<Record<KeptRoute, Answer>> = Object.freeze({
  retrieve: async (responses, owner, { id, query }) => {
    const { response } = await found(responses, owner, id);
    if (query.get("stream") === "true") throw notStreamed();
    return response;
  },
  delete: async (responses, owner, { id }) => {
    if (!(await responses.remove(owner, id))) throw responseNotFound(id);
    return { id, object: "response", deleted: true };
  },
  input_items: async (responses, owner, { id, query }) =>
    pageOf((await found(responses, owner, id)).input, query),
  cancel: async (responses, owner, { id }) => {
    await found(responses, owner, id);
    throw new GatewayError(
      "invalid_request",
      "Cannot cancel a synchronous response: only those created with background=true can be cancelled",
    );
  },
});

const found = async (responses: Responses, owner: string, id: string): Promise<Kept> => {
  const kept = await responses.find(owner, id);
  if (kept === undefined) throw responseNotFound(id);
  return kept;
};

const notStreamed = (): GatewayError =>
  new GatewayError(
    "invalid_request",
    "stream: only a response that runs in the background can be streamed later, and this one is complete: retrieve it without stream",
    { param: "stream" },
  );
