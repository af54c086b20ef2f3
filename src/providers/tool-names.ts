/**
 * Names of functions, for APIs of OpenAI's shape: they take 64 letters, digits, dashes and underscores, where Anthropic's
 * take twice as many and Google's dots and colons. "Invalid 'tools[24].function.name': string too long": Claude Code names
 * the tools of its plug-ins so (github.com/BerriAI/litellm/issues/17904).
 *
 * A name that does not fit is written as its beginning and a hash, and an answer that calls it has its own name again.
 */
import type { Block, Chat, Message, Tool, ToolChoice } from "../schema/chat.ts";
import { digestOf } from "./call-ids.ts";

/** The chat with names that fit; itself where all do. */
export const withFittingNames = (chat: Chat): Chat => {
  const { tools = [], toolChoice, messages } = chat;
  if (tools.every(hasFittingName) && messages.every(({ blocks }) => blocks.every(hasFittingName)))
    return chat;
  return {
    ...chat,
    messages: messages.map(fittingMessage),
    tools: tools.map(fitting),
    ...(toolChoice === undefined ? {} : { toolChoice: fittingChoice(toolChoice) }),
  };
};

/** The way back: the client's own name of a function that was called. */
export const ownNames = (tools: () => readonly Tool[] | undefined): ((name: string) => string) => {
  let known: readonly Tool[] | undefined;
  return (name) => {
    if (!SHORTENED.test(name)) return name;
    known ??= tools() ?? [];
    const own = known.find((tool) => tool.kind === "function" && fittingName(tool.name) === name);
    return own?.kind === "function" ? own.name : name;
  };
};

const FITS = /^[\w-]{0,64}$/;
const HASH = 12;
const SHORTENED = new RegExp(`_[0-9a-f]{${HASH}}$`);

const fittingName = (name: string): string =>
  FITS.test(name)
    ? name
    : `${name.replaceAll(/[^\w-]/g, "_").slice(0, 64 - HASH - 1)}_${digestOf(name, HASH)}`;

const hasFittingName = (named: Tool | Block): boolean =>
  (named.kind !== "function" && named.kind !== "tool-call") || FITS.test(named.name);

const fitting = <T extends Tool | Block>(named: T): T =>
  named.kind === "function" || named.kind === "tool-call"
    ? { ...named, name: fittingName(named.name) }
    : named;

const fittingMessage = (message: Message): Message =>
  message.blocks.every(hasFittingName) ? message : { ...message, blocks: message.blocks.map(fitting) };

const fittingChoice = (choice: ToolChoice): ToolChoice => {
  switch (choice.mode) {
    case "tool":
      return { ...choice, name: fittingName(choice.name) };
    case "allowed":
      return { ...choice, names: choice.names.map(fittingName) };
    default:
      return choice;
  }
};
