/** The ways in which the scripted upstream can answer a request, well or badly. */
import { gzipSync } from "node:zlib";
import type { JsonValue } from "../../src/schema/json.ts";
import type { Exchange, Headers } from "./exchange.ts";
import { answerTo, objectOf, type Prompt } from "./model.ts";
import type { Wire } from "./wire.ts";

export type Script =
  /** The normal answer. */
  | { readonly kind: "reply" }
  /** An error status; body and headers are the vendor's unless given. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: JsonValue;
      readonly headers?: Headers;
    }
  /** Exactly these bytes as the body: chunked, or to the end of the connection with a `content-length`. */
  | {
      readonly kind: "raw";
      readonly chunks: readonly (string | Uint8Array)[];
      readonly status?: number;
      readonly headers?: Headers;
      /** Ends the connection behind the chunks, or waits for `release()` there, instead of ending the body. */
      readonly ending?: "fin" | "held";
    }
  /** Waits for `release()`, or for `ms`, and then answers. */
  | { readonly kind: "slow"; readonly before: "head" | "first-event"; readonly ms?: number }
  /** Falls silent after so many events (or half a JSON body) until `release()`. */
  | { readonly kind: "stall"; readonly afterEvents: number }
  /** Ends the connection after so many events; `held` waits for `release()` first. */
  | {
      readonly kind: "cut";
      readonly afterEvents: number;
      readonly how: "fin" | "rst";
      readonly midEvent?: boolean;
      readonly held?: boolean;
    }
  /** A 200 stream whose first event is an error. */
  | { readonly kind: "error-first" }
  /** An error event after so many good ones. */
  | { readonly kind: "error-after"; readonly events: number }
  /** A 200 that is not JSON. */
  | { readonly kind: "malformed" }
  | { readonly kind: "html"; readonly status: number }
  | { readonly kind: "redirect"; readonly status: number; readonly location: string }
  /** The normal answer under `content-encoding: gzip`. */
  | { readonly kind: "gzip" }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Closes the connection at once. */
  | { readonly kind: "refuse" };

/** A request that is to be answered, with what its path says about it. */
export interface Scene {
  readonly exchange: Exchange;
  readonly wire: Wire;
  readonly serial: number;
  /** Undefined where the path is not a chat endpoint: then `plain` is the answer. */
  readonly prompt: Prompt | undefined;
  readonly plain: () => JsonValue;
}

/** Plays `script`; true when the connection can carry a further request. */
export const play = async (script: Script, scene: Scene): Promise<boolean> => {
  const { exchange, wire } = scene;
  switch (script.kind) {
    case "reply":
      return reply(scene);
    case "status": {
      const fault = wire.fault(script.status);
      const headers = { ...wire.headers(scene.serial), ...(script.headers ?? fault.headers) };
      return whole(exchange, script.status, headers, JSON.stringify(script.body ?? fault.body));
    }
    case "raw":
      return raw(exchange, script);
    case "slow":
      return slow(scene, script);
    case "stall":
      return interrupted(scene, script.afterEvents, async (rest) => {
        await exchange.held();
        return rest();
      });
    case "cut":
      return cut(scene, script);
    case "error-first":
      return brokenOff(scene, 0);
    case "error-after":
      return brokenOff(scene, script.events);
    case "malformed":
      return whole(exchange, 200, {}, '{"id": "chatcmpl-1", "choices": [');
    case "html":
      return whole(exchange, script.status, { "content-type": "text/html" }, "<h1>Bad gateway</h1>");
    case "redirect":
      return whole(exchange, script.status, { location: script.location }, "");
    case "gzip":
      return gzipped(scene);
    case "hang":
      await exchange.gone;
      return false;
    case "refuse":
      exchange.cut("rst");
      return false;
  }
};

const EVENT_STREAM = Object.freeze({ "content-type": "text/event-stream; charset=utf-8" });

const streamHead = ({ exchange, wire, serial }: Scene, extra: Headers = {}): Promise<boolean> =>
  exchange.head(200, {
    ...EVENT_STREAM,
    ...wire.headers(serial),
    "cache-control": "no-cache",
    "transfer-encoding": "chunked",
    ...extra,
  });

const whole = async (
  exchange: Exchange,
  status: number,
  headers: Headers,
  body: string | Uint8Array,
): Promise<boolean> => {
  const length = String(Buffer.byteLength(body));
  await exchange.head(status, { "content-type": "application/json", ...headers, "content-length": length });
  return exchange.send(body);
};

const replyText = ({ prompt, wire, serial, plain }: Scene): string =>
  JSON.stringify(prompt === undefined ? plain() : wire.reply(prompt, answerTo(prompt), serial));

/** The frames of a streamed answer; undefined where the client asked for JSON. */
const framesOf = ({ prompt, wire, serial }: Scene): Iterator<string> | undefined =>
  prompt?.stream === true ? wire.frames(prompt, answerTo(prompt), serial)[Symbol.iterator]() : undefined;

const reply = async (scene: Scene): Promise<boolean> => {
  const frames = framesOf(scene);
  if (frames === undefined) {
    return whole(scene.exchange, 200, scene.wire.headers(scene.serial), replyText(scene));
  }
  await streamHead(scene);
  return sendRest(scene.exchange, frames);
};

/** Sends `count` frames; false when the client left. Frames that are not there are not missed. */
const sendSome = async (exchange: Exchange, frames: Iterator<string>, count: number): Promise<boolean> => {
  for (let sent = 0; sent < count; sent++) {
    const next = frames.next();
    if (next.done === true) return true;
    if (!(await exchange.chunk(next.value))) return false;
  }
  return true;
};

const sendRest = async (exchange: Exchange, frames: Iterator<string>): Promise<boolean> =>
  (await sendSome(exchange, frames, Number.POSITIVE_INFINITY)) && exchange.lastChunk();

const slow = async (scene: Scene, script: Extract<Script, { kind: "slow" }>): Promise<boolean> => {
  const frames = framesOf(scene);
  const wait = (): Promise<void> => pause(scene.exchange, script.ms);
  if (frames === undefined || script.before === "head") {
    await wait();
    return reply(scene);
  }
  await streamHead(scene);
  await wait();
  return sendRest(scene.exchange, frames);
};

const pause = (exchange: Exchange, ms: number | undefined): Promise<void> =>
  ms === undefined ? exchange.held() : Promise.race([Bun.sleep(ms), exchange.held()]);

type Then = (rest: () => Promise<boolean>, next: string) => Promise<boolean>;

/** Sends the head and the first events (or half a JSON body); `then` decides about the rest. */
const interrupted = async (scene: Scene, events: number, then: Then): Promise<boolean> => {
  const { exchange } = scene;
  const frames = framesOf(scene);
  if (frames === undefined) return halfway(scene, then);
  await streamHead(scene);
  if (!(await sendSome(exchange, frames, events))) return false;
  const upcoming = frames.next();
  const next = upcoming.done === true ? "" : upcoming.value;
  return then(async () => (await exchange.chunk(next)) && sendRest(exchange, frames), next);
};

const halfway = async (scene: Scene, then: Then): Promise<boolean> => {
  const { exchange, wire, serial } = scene;
  const text = replyText(scene);
  const middle = text.length >> 1;
  const headers = { "content-type": "application/json", ...wire.headers(serial) };
  await exchange.head(200, { ...headers, "content-length": String(Buffer.byteLength(text)) });
  await exchange.send(text.slice(0, middle));
  return then(() => exchange.send(text.slice(middle)), "");
};

const cut = (scene: Scene, script: Extract<Script, { kind: "cut" }>): Promise<boolean> =>
  interrupted(scene, script.afterEvents, async (_rest, next) => {
    if (script.midEvent === true) await scene.exchange.chunk(next.slice(0, next.length >> 1));
    if (script.held === true) await scene.exchange.held();
    scene.exchange.cut(script.how);
    return false;
  });

/** A stream that ends with the vendor's error event; asked for JSON, the vendor's error status. */
const brokenOff = async (scene: Scene, events: number): Promise<boolean> => {
  const { exchange, wire } = scene;
  const frames = framesOf(scene);
  if (frames === undefined) return play({ kind: "status", status: 503 }, scene);
  await streamHead(scene);
  await sendSome(exchange, frames, events);
  await exchange.chunk(wire.errorFrame());
  return exchange.lastChunk();
};

const raw = async (exchange: Exchange, script: Extract<Script, { kind: "raw" }>): Promise<boolean> => {
  const headers: Headers = { "content-type": "application/json", ...script.headers };
  const counted = "content-length" in headers;
  await exchange.head(
    script.status ?? 200,
    counted ? headers : { ...headers, "transfer-encoding": "chunked" },
  );
  for (const chunk of script.chunks) {
    await (counted ? exchange.send(chunk) : exchange.chunk(chunk));
  }
  if (script.ending === "held") await exchange.held();
  if (!counted && script.ending !== "fin") return exchange.lastChunk();
  exchange.cut("fin"); // the stated length may be a lie, so the connection cannot go on
  return false;
};

const gzipped = async (scene: Scene): Promise<boolean> => {
  const { exchange } = scene;
  const frames = framesOf(scene);
  const encoding = { "content-encoding": "gzip" };
  if (frames === undefined) return whole(exchange, 200, encoding, gzipSync(replyText(scene)));
  const text = [...Iterator.from(frames)].join("");
  await streamHead(scene, encoding);
  return (await exchange.chunk(gzipSync(text))) && exchange.lastChunk();
};

/** What a request asks for, or undefined where its body is not a JSON object. */
export const promptOf = (wire: Wire, json: unknown): Prompt => wire.readPrompt(objectOf(json));
