/** Tools and tool choice of Converse's requests. */
import { defined } from "../lib/defined.ts";
import type { Chat, Tool } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { factsOf } from "./claude.models.ts";
import type { Lowered } from "./claude.schema.ts";
import { isRecursive, lowered, toolSchema } from "./claude.schema.ts";
import { isForced, writeOpaque, writeToolChoice } from "./anthropic-messages.tools.ts";
import { pointOf } from "./bedrock-converse.blocks.ts";
import type { Family } from "./bedrock-converse.families.ts";
import type { Note } from "./dialect.ts";
import { distinctTools } from "./tool-offer.ts";

export interface WrittenTools {
  readonly toolConfig?: JsonObject;
  /** Claude's own tools, which Converse takes only beside its fields (userguide/computer-use.html). */
  readonly claudeTools?: readonly JsonObject[];
  /** Claude's own tool choice, which says more than Converse's. */
  readonly claudeChoice?: JsonObject;
  /** Whether the model was told to call one. */
  readonly isForced: boolean;
}

/** `model` is the name that tells the model's version. */
export const writeTools = (chat: Chat, family: Family, model: string, notes: Note[]): WrittenTools => {
  const { toolChoice } = chat;
  const hasHistory = chat.messages.some(({ blocks }) => blocks.some(isToolBlock));
  // Converse knows no "none": without tools none can be called, but a conversation with calls needs them.
  if (toolChoice?.mode === "none" && !hasHistory) return { isForced: false };
  if (toolChoice?.mode === "none" && (chat.tools ?? []).length > 0) notes.push("tool_choice");
  const { specs, claudeTools } = declared(chat, family, notes);
  const tools = specs.length === 0 && hasHistory ? calledTools(chat) : specs;
  if (tools.length === 0) {
    if (isForced(toolChoice) && claudeTools.length === 0) notes.push("tool_choice"); // there is nothing to choose
    return { isForced: false, ...(claudeTools.length === 0 ? {} : { claudeTools }) };
  }
  const choice = specs.length === 0 ? undefined : writeToolChoice(chat, factsOf(model), notes);
  const { toolChoice: own, claudeChoice } = placed(choice, chat, family, notes);
  return {
    toolConfig: { tools, ...defined({ toolChoice: own }) },
    ...(claudeTools.length === 0 ? {} : { claudeTools }),
    ...(claudeChoice === undefined ? {} : { claudeChoice }),
    isForced: choice?.["type"] === "any" || choice?.["type"] === "tool",
  };
};

/**
 * One call at a time only Claude's own words ask for, and they are refused beside Converse's
 * (github.com/BerriAI/litellm/pull/34347, /issues/36536; github.com/vercel/ai, packages/amazon-bedrock).
 */
const placed = (
  choice: JsonObject | undefined,
  { toolChoice, parallelToolCalls }: Chat,
  family: Family,
  notes: Note[],
): { readonly toolChoice?: JsonObject | undefined; readonly claudeChoice?: JsonObject } => {
  if (choice?.["disable_parallel_tool_use"] === true && family.callsSingly) return { claudeChoice: choice };
  if (parallelToolCalls === false) notes.push("parallel_tool_calls");
  return { toolChoice: toolChoice === undefined ? undefined : writeChoice(choice) };
};

const isToolBlock = ({ kind }: { readonly kind: string }): boolean =>
  kind === "tool-call" || kind === "tool-result";

interface Declared {
  readonly specs: readonly JsonObject[];
  readonly claudeTools: readonly JsonObject[];
}

const declared = (chat: Chat, family: Family, notes: Note[]): Declared => {
  const allowed = chat.toolChoice?.mode === "allowed" ? chat.toolChoice.names : undefined;
  const specs: JsonObject[] = [];
  const claudeTools: JsonObject[] = [];
  for (const [index, tool] of distinctTools(chat, notes)) {
    const path = `tools.${index}`;
    if (tool.kind === "opaque") {
      const own = family.isClaude
        ? writeOpaque(tool.dialect, tool.value, path, notes)
        : noted(tool, path, notes);
      if (own !== undefined) claudeTools.push(own);
    } else if (allowed === undefined || allowed.includes(tool.name)) {
      specs.push(...writeTool(tool, family, path, notes));
    }
  }
  return { specs, claudeTools };
};

const noted = (tool: Extract<Tool, { kind: "opaque" }>, path: string, notes: Note[]): undefined => {
  notes.push(`${path} (${isString(tool.value["type"]) ? tool.value["type"] : "unknown"})`);
  return undefined;
};

const writeTool = (
  tool: Extract<Tool, { kind: "function" }>,
  family: Family,
  path: string,
  notes: Note[],
): readonly JsonObject[] => {
  for (const field of Object.keys(tool.native?.fields ?? {})) notes.push(`${path}.${field}`);
  const isStrict = tool.strict === true && family.strictTools && !isRecursive(tool.parameters);
  if (tool.strict === true && !isStrict) notes.push(`${path} (strict)`);
  const { schema, lost } = schemaOf(tool.parameters, family, isStrict);
  if (lost.length > 0) notes.push(`${path} (${lost.join(", ")})`);
  const toolSpec = {
    name: tool.name,
    ...(tool.description ? { description: tool.description } : {}),
    inputSchema: { json: schema },
    ...(isStrict ? { strict: true } : {}),
  };
  if (family.cachesTools) return [{ toolSpec }, ...pointOf(tool.cache, path, { family, notes })];
  if (tool.cache !== undefined) notes.push(`${path}.cache_control`);
  return [{ toolSpec }];
};

/** What takes nothing is an object without properties (userguide/tool-use-inference-call.html). */
const NOTHING: JsonObject = Object.freeze({ type: "object", properties: {} });

/**
 * A strict tool is held to what an answer's schema may say ("For 'array' type, property 'maxItems' is not supported":
 * github.com/BerriAI/litellm/pull/39115; open objects: github.com/vercel/ai/issues/20681). Of any tool
 * "inputSchema.json.type must be one of the following: object", and Claude refuses alternatives at the top as in its
 * own API, where other models take them (github.com/code-yeongyu/senpi/issues/1947).
 */
const schemaOf = (
  parameters: JsonObject | undefined,
  { isClaude, mayBeClaude }: Family,
  isStrict: boolean,
): Lowered => {
  if (parameters === undefined) return { schema: NOTHING, lost: [] };
  if (isClaude || mayBeClaude) return toolSchema(parameters, isStrict);
  const schema = { ...parameters, type: "object" };
  return isStrict ? lowered(schema) : { schema, lost: [] };
};

/**
 * "The toolConfig field must be defined when using toolUse and toolResult content blocks": a client that
 * sends the calls of earlier turns without their tools has them declared by name.
 */
const calledTools = (chat: Chat): readonly JsonObject[] => {
  const names = chat.messages.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === "tool-call" ? [block.name] : [])),
  );
  return [...new Set(names)].map((name) => ({
    toolSpec: { name, inputSchema: { json: NOTHING } },
  }));
};

/** Converse has members where Claude has types, and none for `none`. */
const writeChoice = ({ type, name }: JsonObject = {}): JsonObject | undefined => {
  if (type === "tool") return { tool: { name } };
  return type === "any" || type === "auto" ? { [type]: {} } : undefined;
};
