/** The responses that are kept for their callers. Where the store fails, answers are given all the same. */
import type { World } from "../lib/world.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Limits } from "../schema/limits.ts";
import type { StorageSettings } from "../schema/settings.ts";
import type { KeptResponse, ResponseStore } from "../storage/response-store.ts";
import type { Log } from "../telemetry/log.ts";

/** A response, and everything it was made from: a conversation needs nothing else to go on. */
export interface Kept {
  readonly response: JsonObject;
  readonly input: readonly JsonObject[];
}

export interface Responses {
  /** Throws `GatewayError("storage_unavailable")`. */
  find(owner: string, id: string): Promise<Kept | undefined>;
  /** Undefined when it is kept, else why it is not. */
  keep(owner: string, id: string, kept: Kept): Promise<string | undefined>;
  /** True when there was such a response. Throws `GatewayError("storage_unavailable")`. */
  remove(owner: string, id: string): Promise<boolean>;
}

export interface ResponsesParts {
  readonly store: ResponseStore;
  readonly settings: StorageSettings;
  readonly limits: Limits;
  readonly world: World;
  readonly log: Log;
}

/** How long a call waits for the store. */
const PATIENCE_MS = 5000;
const SWEEP_EVERY_MS = 60 * 60 * 1000;

export const createResponses = (parts: ResponsesParts): Responses => {
  const { store, settings, limits, world, log } = parts;
  let sweptAt = Number.NEGATIVE_INFINITY;
  const sweep = (now: number): void => {
    if (now - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now;
    store.sweep(now).catch((error: unknown) => log.say("warn", "not_swept", { error: messageOf(error) }));
  };
  const reading = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await inTime(work, world);
    } catch (error) {
      log.say("error", "store_unreadable", { error: messageOf(error) });
      throw new GatewayError("storage_unavailable", "Cannot read what was kept: the store does not answer", {
        cause: error,
      });
    }
  };
  return {
    find: (owner, id) => reading(store.get(owner, id, world.date()).then(readKept)),
    remove: (owner, id) => reading(store.delete(owner, id)),
    async keep(owner, id, kept) {
      try {
        const now = world.date();
        const response = { owner, id, createdAt: now, expiresAt: now + settings.retentionMs };
        await inTime(store.put({ ...response, text: written(kept, limits.maxJsonBytes) }), world);
        sweep(now);
        return undefined;
      } catch (error) {
        log.say("warn", "not_kept", { error: messageOf(error) });
        return messageOf(error);
      }
    },
  };
};

/** What is longer than any request may be could not be gone on from. */
const written = (kept: Kept, maxLength: number): string => {
  const text = JSON.stringify(kept);
  if (text.length > maxLength) throw new Error(`the conversation is longer than ${maxLength} characters`);
  return text;
};

const readKept = (kept: KeptResponse | undefined): Kept | undefined =>
  kept === undefined ? undefined : (JSON.parse(kept.text) as Kept); // `written` wrote it

/** Rejects when `work` takes too long; what comes of it then is nobody's. */
const inTime = async <T>(work: Promise<T>, world: World): Promise<T> => {
  const over = new AbortController();
  const late = world.sleep(PATIENCE_MS, over.signal).then((): never => {
    throw new Error(`the store did not answer within ${PATIENCE_MS} ms`);
  });
  late.catch(() => undefined); // it is the other that counts
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
