/** What is asked and answered in every cell of the cross table, in no dialect. */
import type { JsonObject, JsonValue } from "../../../src/schema/json.ts";

export const SCENES = [
  "text",
  "tools",
  "thinking",
  "image",
  "structured",
  "refused",
  "error",
  "cut",
] as const;
export type Scene = (typeof SCENES)[number];

/** A cut stream and one that fails begin like any other. */
export type AskedScene = Exclude<Scene, "error" | "cut">;
export const askedScene = (scene: Scene): AskedScene =>
  scene === "error" || scene === "cut" ? "text" : scene;

export const SYSTEM = "Be brief.";
export const STOP = "END";
export const MAX_TOKENS = 4096;

/** One pixel. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const PNG_URI = `data:image/png;base64,${PNG}`;

export const SCHEMA = {
  type: "object",
  properties: { port: { type: "string" }, metres: { type: "number" } },
  required: ["port", "metres"],
  additionalProperties: false,
} as const satisfies JsonObject;

export const TOOL = {
  name: "get_tide",
  description: "The tide of a port",
  parameters: {
    type: "object",
    properties: { port: { type: "string" } },
    required: ["port"],
  },
} as const;

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonValue;
}

export const BREST: Call = { id: "get_tide_1", name: TOOL.name, arguments: { port: "Brest" } };
export const CORK: Call = { id: "get_tide_2", name: TOOL.name, arguments: { port: "Cork" } };

export interface Result {
  readonly id: string;
  readonly text: string;
  readonly hasImage: boolean;
}

const HEIGHTS: Readonly<Record<string, string>> = { [BREST.id]: "4.2 m", [CORK.id]: "3.1 m" };

/** The results of calls, the last one first: parallel tools end when they like. One of several holds an image. */
export const resultsOf = (ids: readonly string[]): readonly Result[] =>
  ids
    .map((id, at) => ({ id, text: HEIGHTS[id] ?? "unknown", hasImage: ids.length > 1 && at === 0 }))
    .toReversed();

/** What the user says behind the results. */
export const GO_ON = "Which is higher?";

export const SIGNATURE = "EqQBCgIYAhIkAbcdefgh1234567890signature==";

/** Thinking that its maker shows to nobody; who hides some gives it back with the rest. */
export const REDACTED = "UmVkYWN0ZWQgdGhpbmtpbmc=";

/** Why the model ended; each dialect has its word. */
export type Ending = "stop" | "length" | "calls" | "refused";

/** What a model says in one turn. */
export interface Said {
  readonly thinking?: string;
  readonly texts?: readonly string[];
  readonly calls?: readonly Call[];
  readonly ending: Ending;
}

const CONCLUSION: Said = { texts: ["Brest is ", "higher."], ending: "stop" };

/** The turns of every scene. */
export const SAID: Readonly<Record<AskedScene, readonly Said[]>> = {
  text: [{ texts: ["The tide is ", "4.2 m."], ending: "stop" }],
  tools: [{ calls: [BREST, CORK], ending: "calls" }, CONCLUSION],
  thinking: [{ thinking: "First the port.", calls: [BREST], ending: "calls" }, CONCLUSION],
  image: [{ texts: ["A pixel, and"], ending: "length" }],
  structured: [{ texts: ['{"port":"Brest","metres":4.2}'], ending: "stop" }],
  refused: [{ texts: ["I would rather not."], ending: "refused" }],
};

/** The same counts for every answer, so that a lost one shows. */
export const TOKENS = { input: 20, cached: 8, output: 9, thinking: 5 } as const;

/** What must have come through, however it is spelled. */
export interface Facts {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly Call[];
  readonly ending: string;
  readonly usage: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly thinking: number;
  };
}

export const factsOf = (said: Said, ending: string, countsThinking: boolean): Facts => ({
  text: (said.texts ?? []).join(""),
  thinking: said.thinking ?? "",
  calls: said.calls ?? [],
  ending,
  usage: { ...TOKENS, thinking: countsThinking ? TOKENS.thinking : 0 },
});

/** `text` in pieces, as arguments are streamed. */
export const pieces = (text: string): readonly string[] => text.match(/.{1,6}/gs) ?? [];
