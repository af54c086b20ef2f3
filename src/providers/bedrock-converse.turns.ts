/**
 * A conversation's turns as Bedrock's models take them: all content is written, and who says what where is settled here.
 *
 * Rules that hold for every model are in docs.aws.amazon.com/bedrock/latest/userguide/inference-api-restrictions.html.
 */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Family } from "./bedrock-converse.families.ts";
import type { Note } from "./dialect.ts";

/** JSON, and so a type: an interface has no index signature. */
export type Turn = { readonly role: "user" | "assistant"; readonly content: readonly JsonObject[] };

/** One message of the client's, with its place in the conversation. */
export interface Said extends Turn {
  readonly path: string;
}

export const writeTurns = (
  said: readonly Said[],
  { mixesTurns, richResults }: Family,
  notes: Note[],
): readonly Turn[] => {
  const kept = said.map((each) => (each.role === "assistant" ? withoutMedia(each, notes) : each));
  const turns = begun(withoutLoneThoughts(joined(kept), notes), notes);
  const shown = richResults ? turns : turns.map(showingResults);
  const parted = mixesTurns ? shown : shown.flatMap((turn) => partsOf(turn, notes));
  return trimmed(parted.map(withText).map(withPoints));
};

/** Turns of one side in a row are one turn. */
const joined = (said: readonly Turn[]): readonly Turn[] => {
  const turns: Turn[] = [];
  for (const { role, content } of said) {
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) turns.splice(-1, 1, { role, content: [...last.content, ...content] });
    else turns.push({ role, content });
  }
  return turns;
};

/** "You can only include images and documents if the role is user." */
const withoutMedia = ({ content, path, role }: Said, notes: Note[]): Said => {
  const isMedia = (block: JsonObject): boolean => Object.keys(block).some((member) => MEDIA.has(member));
  for (const block of content.filter(isMedia)) notes.push(`${path} (${Object.keys(block)[0] ?? "media"})`);
  return { path, role, content: content.filter((block) => !isMedia(block)) };
};

const MEDIA = names("audio document image video");

/**
 * Claude takes a turn of nothing but thinking for one that it is to go on with: "This model does not support assistant
 * message prefill" (github.com/NousResearch/hermes-agent/issues/105780).
 */
const withoutLoneThoughts = (turns: readonly Turn[], notes: Note[]): readonly Turn[] => {
  const isThought = ({ role, content }: Turn): boolean =>
    role === "assistant" && content.every((block) => block["reasoningContent"] !== undefined);
  if (!turns.some(isThought)) return turns;
  notes.push("messages (reasoning without an answer)");
  return joined(turns.filter((turn) => !isThought(turn)));
};

/** "A conversation must start with a user message" (github.com/deepgram/deepgram-python-sdk/issues/760). */
const begun = (turns: readonly Turn[], notes: Note[]): readonly Turn[] => {
  if (turns[0]?.role !== "assistant") return turns;
  notes.push("messages.0 (a user's turn is put before it)");
  return [{ role: "user", content: [MUTE] }, ...turns];
};

/** A turn must hold something, and a text more than white space. */
const MUTE: JsonObject = Object.freeze({ text: "." });

/**
 * An image in a tool's result "is only supported by Amazon Nova and Anthropic Claude 3 and 4 models"
 * (API_runtime_ToolResultContentBlock); others see it beside their results (github.com/can1357/oh-my-pi/pull/11685).
 */
const showingResults = ({ role, content }: Turn): Turn => {
  const images = content.flatMap((block) => partsIn(block).filter(isImage));
  if (images.length === 0) return { role, content };
  const written = content.map((block) => {
    const { toolResult: result } = block;
    const texts = partsIn(block).filter((part) => !isImage(part));
    return isObject(result)
      ? { toolResult: { ...result, content: texts.length === 0 ? [SHOWN] : texts } }
      : block;
  });
  const end = written.findLastIndex(isToolBlock) + 1;
  return { role, content: [...written.slice(0, end), ...images, ...written.slice(end)] };
};

const SHOWN: JsonObject = Object.freeze({ text: "The image follows." });

const partsIn = ({ toolResult: result }: JsonObject): readonly JsonObject[] => {
  const parts: JsonValue | undefined = isObject(result) ? result["content"] : undefined;
  return isArray(parts) ? parts.filter(isObject) : [];
};

const isImage = (part: JsonObject): boolean => part["image"] !== undefined;
const isToolBlock = (block: JsonObject): boolean =>
  block["toolUse"] !== undefined || block["toolResult"] !== undefined;

/**
 * "Conversation blocks and tool result blocks cannot be provided in the same turn"
 * (github.com/strands-agents/harness-sdk/issues/1223): a word of the assistant's parts them. Words beside its own calls
 * ("… and tool use blocks …": github.com/quarkiverse/quarkus-langchain4j/issues/1983) have no such place.
 */
const partsOf = (turn: Turn, notes: Note[]): readonly Turn[] => {
  const { role, content } = turn;
  const tools = content.filter(isToolBlock);
  if (tools.length === 0 || tools.length === content.length) return [turn];
  const others = content.filter((block) => !isToolBlock(block));
  notes.push(
    role === "user" ? "messages (an assistant's turn is put behind results)" : "messages (text beside calls)",
  );
  return role === "user"
    ? [{ role, content: tools }, BRIDGE, { role, content: others }]
    : [{ role, content: tools }];
};

const BRIDGE: Turn = Object.freeze({ role: "assistant", content: [{ text: "OK." }] });

/**
 * "A text block must be included when using documents", and one with a visible character
 * (github.com/BerriAI/litellm/pull/36499, github.com/maximhq/bifrost/pull/5817).
 */
const withText = (turn: Turn): Turn => {
  const { role, content } = turn;
  const isMute = content.every((block) => block["text"] === undefined);
  if (!isMute || !content.some((block) => block["document"] !== undefined)) return turn;
  const end = content.at(-1)?.["cachePoint"] === undefined ? content.length : content.length - 1;
  return { role, content: [...content.slice(0, end), MUTE, ...content.slice(end)] };
};

/**
 * A cache point stands behind something ("There is nothing available to cache": github.com/strands-agents/harness-sdk/pull/3677)
 * that is no document whose text Bedrock takes out itself: of all formats but PDF it answers "Field required"
 * (github.com/aws/aws-sdk-java-v2/issues/6277).
 */
const withPoints = ({ role, content }: Turn): Turn => ({
  role,
  content: content.flatMap((block, index) => {
    if (block["cachePoint"] === undefined) return [block];
    const before = content[index - 1];
    if (before === undefined) return [];
    const { document } = before;
    return isObject(document) && document["format"] !== "pdf" ? [MUTE, block] : [block];
  }),
});

/** What the answer is to go on from: "final assistant content cannot end with trailing whitespace". */
const trimmed = (turns: readonly Turn[]): readonly Turn[] => {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || !isString(block?.["text"])) return turns;
  const end: Turn = {
    role: "assistant",
    content: [...last.content.slice(0, -1), { ...block, text: block["text"].trimEnd() }],
  };
  return [...turns.slice(0, -1), end];
};
