/** A stream frame's payload as a JSON object. */
import type { JsonObject } from "../schema/json.ts";
import { parsedObject } from "../schema/json.ts";

/** What stands in a frame that is no JSON object is told as the error it must be. */
export const parsedFrame = (data: string): JsonObject =>
  parsedObject(data) ?? { message: "A stream event is not a JSON object" };
