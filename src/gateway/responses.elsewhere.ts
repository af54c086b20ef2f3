/** What is below /v1/responses and not kept here goes to providers that have the Responses API themselves. */
import { GatewayError } from "../schema/errors.ts";
import type { Call } from "./call.ts";
import type { ResolvedTarget } from "./target.ts";

/** Throws for a target that cannot know of it. */
export const checkHasResponses = ({ inbound }: Call, { row }: ResolvedTarget): void => {
  const { endpoint, dialect } = inbound.ingress;
  if (endpoint !== "proxy" || dialect !== "openai-responses" || row.paths.responses !== undefined) return;
  const [, , , name = ""] = inbound.pathname.split("/");
  if (!OPERATIONS.has(name)) throw responseNotFound(name);
  throw new GatewayError(
    "unsupported_endpoint",
    `responses/${name} is not supported by ${row.id}: it has no Responses API of its own`,
  );
};

export const responseNotFound = (id: string): GatewayError =>
  new GatewayError("not_found", `Response with id '${id}' not found.`);

/** Names that stand where the id of a response does. */
const OPERATIONS: ReadonlySet<string> = new Set(["input_tokens"]);
