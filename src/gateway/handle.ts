/** The route of one call, from the request to the response. */
import { fieldsOf } from "../lib/header-fields.ts";
import { GatewayError } from "../schema/errors.ts";
import { isString } from "../schema/json.ts";
import type { Gateway } from "./assemble.ts";
import type { Connection } from "./call.ts";
import { openCall } from "./call.ts";
import type { Departure } from "./departure.ts";
import { watchDeparture } from "./departure.ts";
import { readGatewayHeaders } from "./headers.ts";
import type { Inbound, Ingress, ReadIngress } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import { receive, receivedHead } from "./receive.ts";
import { refuse } from "./refuse.ts";
import { nobodyListens, replyTo } from "./reply.ts";
import { hasTurns, openTurn } from "./responses.turn.ts";
import { unmetByHeaders } from "./unmet.ts";

export type Handle = (request: Request, connection: Connection) => Promise<Response>;

export const handle =
  (current: () => Gateway, route: Ingress | ReadIngress): Handle =>
  async (request, connection) => {
    const ingress = typeof route === "function" ? route(request) : route;
    const gateway = current(); // a call keeps the gateway it began in, across reloads
    const departure = watchDeparture(request);
    const fields = fieldsOf(request.headers);
    const recorder = gateway.record(request, fields, ingress, departure, connection);
    try {
      admit(gateway);
      const { limits } = gateway.surroundings;
      const received = await receive(request, fields, ingress, limits);
      const opened = hasTurns(ingress) ? await openTurn(gateway.responses, received, limits) : undefined;
      const inbound = opened?.inbound ?? received;
      recorder.originalModel = modelOf(inbound);
      const headers = readGatewayHeaders(inbound.headers, inbound.key);
      const { plan, addressed } = gateway.planner.choose(inbound, headers);
      recorder.note(...plan.notes);
      recorder.note(...unmetByHeaders(fields));
      const turn = opened?.turn;
      const call = openCall({ inbound, turn, headers, addressed, recorder, departure, connection, gateway });
      connection.waiting();
      const reply = replyTo(call, await plan.dispatch(call));
      return reply instanceof Promise ? await reply : reply;
    } catch (error) {
      if (hasLeft(departure, error)) return nobodyListens(recorder);
      const told = isOfBody(error) ? faultOfHead(gateway, receivedHead(request, fields, ingress)) : undefined;
      return refuse(gateway, ingress, recorder, told ?? error);
    }
  };

/** A body that ends before its time is a client that left: the platform says so by this error. */
const hasLeft = (departure: Departure, error: unknown): boolean => {
  if (!(error instanceof DOMException) || error.name !== "AbortError") return false;
  departure.attend();
  return departure.signal.aborted;
};

const admit = (gateway: Gateway): void => {
  if (gateway.calls.inFlight > gateway.surroundings.limits.maxInFlight)
    throw new GatewayError(
      "overloaded",
      "The gateway is at its limit of calls in flight: try again shortly",
      {
        headers: { "retry-after": "1" },
      },
    );
};

const isOfBody = (error: unknown): boolean => error instanceof GatewayError && error.code === "invalid_json";

/** The reference looks at the headers before it reads a body, so of two faults theirs is told. */
const faultOfHead = (gateway: Gateway, head: Inbound): unknown => {
  try {
    gateway.planner.choose(head, readGatewayHeaders(head.headers, head.key));
    return undefined;
  } catch (error) {
    return error;
  }
};

const modelOf = (inbound: Inbound): string | null => {
  const model = bodyJson(inbound)["model"];
  return isString(model) ? model : null;
};
