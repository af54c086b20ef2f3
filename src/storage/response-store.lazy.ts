/**
 * The store as the settings want it, opened when it is first needed.
 *
 * Nothing is made before something is kept: a gateway that nobody asks for stored responses leaves no
 * file behind. Where none can be made, responses are kept in memory, and the operator is told once.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { StorageSettings } from "../schema/settings.ts";
import type { ResponseStore } from "./response-store.ts";
import { memoryResponseStore } from "./response-store.memory.ts";

export const DATABASE_FILE = "turnpike.db";

/** What is kept in memory is kept small. */
export const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** `fellBack` hears why the directory cannot be used. */
export const lazyResponseStore = (
  settings: StorageSettings,
  fellBack: (reason: unknown) => void,
): ResponseStore => {
  let opening: Promise<ResponseStore> | undefined;
  const open = (): Promise<ResponseStore> => (opening ??= openStore(settings, fellBack));
  /** What is there to read; undefined where nothing was ever kept. */
  const reading = (): Promise<ResponseStore> | undefined =>
    opening ?? (hasFile(settings) ? open() : undefined);
  return {
    put: async (response) => (await open()).put(response),
    get: async (owner, id, now) => (await reading())?.get(owner, id, now),
    delete: async (owner, id) => (await (await reading())?.delete(owner, id)) ?? false,
    sweep: async (now) => (await (await reading())?.sweep(now)) ?? 0,
    close: async () => (await opening)?.close(),
  };
};

const fileIn = (directory: string): string => join(directory, DATABASE_FILE);

const hasFile = ({ directory }: StorageSettings): boolean =>
  directory !== undefined && existsSync(fileIn(directory));

const openStore = async (
  { directory, maxBytes }: StorageSettings,
  fellBack: (reason: unknown) => void,
): Promise<ResponseStore> => {
  if (directory !== undefined)
    try {
      const file = prepareFile(directory);
      const { sqliteResponseStore } = await import("./response-store.sqlite.ts"); // costs nothing until then
      return sqliteResponseStore(file, maxBytes);
    } catch (error) {
      fellBack(error);
    }
  return memoryResponseStore(Math.min(maxBytes, MAX_MEMORY_BYTES));
};

/** Prompts and answers are nobody else's to read; SQLite gives its other files the mode of the first. */
const prepareFile = (directory: string): string => {
  const file = fileIn(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  return file;
};
