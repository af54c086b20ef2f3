/** What passing events of OpenAI's Realtime API say of the model and of what was used. */
import { defined } from "../lib/defined.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import type { Glance } from "./dialect.ts";

/** Most events are sound, and are not parsed: text inside of JSON strings has its quotes escaped. */
export const glanceRealtime = (event: string): Glance => {
  if (!MARKS.some((mark) => event.includes(mark))) return NOTHING;
  const value = parsed(event);
  switch (value?.["type"]) {
    case "response.done":
      return used(value["response"]);
    case "session.created":
    case "session.updated":
      return served(value["session"]);
    default:
      return NOTHING;
  }
};

/** Every response of a session is used and paid for on its own. */
export const addUsage = (sum: Usage | null, more: Usage): Usage => {
  if (sum === null) return more;
  const total = (name: Count): number | undefined =>
    sum[name] === undefined && more[name] === undefined ? undefined : (sum[name] ?? 0) + (more[name] ?? 0);
  return {
    input: sum.input + more.input,
    output: sum.output + more.output,
    ...defined({
      cacheRead: total("cacheRead"),
      audioInput: total("audioInput"),
      audioOutput: total("audioOutput"),
    }),
  };
};

type Count = "cacheRead" | "audioInput" | "audioOutput";

const MARKS = ['"response.done"', '"session.created"', '"session.updated"'];
const NOTHING: Glance = Object.freeze({});

const used = (response: JsonValue | undefined): Glance => {
  const usage = isObject(response) ? response["usage"] : undefined;
  return isObject(usage) ? { usage: readUsage(usage) } : NOTHING;
};

const served = (session: JsonValue | undefined): Glance => {
  const model = isObject(session) ? session["model"] : undefined;
  return isString(model) ? { model } : NOTHING;
};

/** `RealtimeResponseUsage` of the OpenAI SDK. Sound that was cached counts as cached, not as sound. */
const readUsage = (usage: JsonObject): Usage => {
  const input = objectOf(usage["input_token_details"]);
  const output = objectOf(usage["output_token_details"]);
  const cachedAudio = countOf(objectOf(input["cached_tokens_details"])["audio_tokens"]) ?? 0;
  const audioInput = countOf(input["audio_tokens"]);
  return {
    input: countOf(usage["input_tokens"]) ?? 0,
    output: countOf(usage["output_tokens"]) ?? 0,
    ...defined({
      cacheRead: countOf(input["cached_tokens"]),
      audioInput: audioInput === undefined ? undefined : Math.max(0, audioInput - cachedAudio),
      audioOutput: countOf(output["audio_tokens"]),
    }),
  };
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
const countOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

const parsed = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // not ours to judge: the message has gone to the client as it is
  }
};
