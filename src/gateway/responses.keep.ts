/**
 * An answer is kept before its client hears that it is complete, so that it is there when it is asked for.
 *
 * An answer that could not be kept does not say that it was.
 */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import { namedFrame } from "../lib/sse.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Call } from "./call.ts";
import type { Relayed, RelayOptions } from "./relay.ts";
import type { Turn } from "./responses.turn.ts";
import type { ResolvedTarget } from "./target.ts";

/** The call's turn, where the answer is ours to name and to keep: a server of this API keeps its own. */
export const turnOf = (call: Call, target: ResolvedTarget): Turn | undefined =>
  target.row.dialect === call.inbound.ingress.dialect ? undefined : call.turn;

/** The response as it is told to the client. */
export const keepResponse = async (
  turn: Turn,
  response: JsonObject,
  recorder: Recorder,
): Promise<JsonObject> => {
  if (!turn.answer.isStored || !KEPT.has(response["status"])) return response;
  const reason = await turn.keep(response);
  if (reason === undefined) return response;
  recorder.note(`store (${reason})`);
  return { ...response, store: false };
};

/** Ends that a conversation can go on from. */
const KEPT = new Set<unknown>(["completed", "incomplete"]);

/** A stream's last frame, until its response is kept. */
export interface Holding {
  readonly writer: Stage<ChatEvent, string>;
  /** The frame that was held back, once; undefined where none is. */
  release(): Promise<string> | undefined;
}

export const holdLast = (writer: Stage<ChatEvent, string>, turn: Turn, recorder: Recorder): Holding => {
  let held: string | undefined;
  return {
    writer: {
      push(event) {
        const frames = writer.push(event);
        if (event.type !== "end") return frames;
        held = frames.at(-1);
        return frames.slice(0, -1);
      },
      close: () => writer.close(),
    },
    release() {
      if (held === undefined) return undefined;
      const frame = held;
      held = undefined;
      return keepFrame(frame, turn, recorder);
    },
  };
};

const keepFrame = async (frame: string, turn: Turn, recorder: Recorder): Promise<string> => {
  const event: unknown = JSON.parse(frame.slice(frame.indexOf(DATA) + DATA.length));
  if (!isObject(event) || !isObject(event["response"]) || !isString(event["type"])) return frame;
  const response = await keepResponse(turn, event["response"], recorder);
  return response === event["response"]
    ? frame
    : namedFrame(event["type"], JSON.stringify({ ...event, response }));
};

const DATA = "\ndata: ";
const NO_BYTES: Bytes = new Uint8Array();

/** A stream on its way to the client. */
export type HandedOn = Pick<RelayOptions, "reader" | "relayed">;

/** What is handed on, with the frame that was held back said when the next piece would be read. */
export const keepingRelay = ({ reader, relayed }: HandedOn, holding: Holding): HandedOn => {
  let late = "";
  let hasSaidAll = false;
  let end: { readonly text: string | undefined } | undefined;
  return {
    reader: {
      async read() {
        const held = holding.release();
        if (held !== undefined) {
          late = await held;
          return { done: false, value: NO_BYTES };
        }
        const read = await reader.read();
        if (read.done) end = await lastOf(relayed, holding);
        return read;
      },
    },
    relayed: {
      ...relayed,
      next(chunk) {
        if (late === "") return relayed.next(chunk);
        const said = late;
        late = "";
        hasSaidAll = true;
        return said;
      },
      last: () => end?.text,
      hasEnded: () => hasSaidAll,
    },
  };
};

/** Some answers end only with their upstream. */
const lastOf = async (relayed: Relayed, holding: Holding): Promise<{ readonly text: string | undefined }> => {
  const text = relayed.last();
  const held = await holding.release();
  return { text: held === undefined ? text : `${text ?? ""}${held}` };
};
