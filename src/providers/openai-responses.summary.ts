/** A summary of ours inside of a compaction item: opaque to clients, which give it back as it came. */
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";

const PREFIX = "turnpike:v1:summary:";

export const writeSummary = (summary: string): string =>
  PREFIX + Buffer.from(summary, "utf8").toString("base64");

/** Undefined for a compaction of another server, which only that one can read. */
export const summaryOf = ({ type, encrypted_content: content }: JsonObject): string | undefined =>
  type === "compaction" && isString(content) && content.startsWith(PREFIX)
    ? Buffer.from(content.slice(PREFIX.length), "base64").toString("utf8")
    : undefined;

/** How a model is told of it. */
export const summaryText = (summary: string): string =>
  `What was said and done in this conversation before, in short:\n\n${summary}`;

export const isUserMessage = ({ type = "message", role }: JsonObject): boolean =>
  type === "message" && role === "user";
