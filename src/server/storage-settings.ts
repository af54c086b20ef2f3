/** Where state is kept: as told, as the service manager says, or as is usual for a user's programs. */
import { join } from "node:path";
import { NAME } from "../gateway/identity.ts";
import type { SettingsFile, StorageSettings } from "../schema/settings.ts";

/** In place of a directory. */
const MEMORY = ":memory:";

const DAY_MS = 24 * 60 * 60 * 1000;
/** As long as OpenAI keeps them at least: `store` in `ResponseCreateParamsBase` of its SDK 7.57. */
const RETENTION_DAYS = 30;
const MAX_BYTES = 1024 * 1024 * 1024;

/** `word` gives the first of some variables that says something. */
export const storageSettings = (
  flag: string | undefined,
  word: (...names: readonly string[]) => string | undefined,
  file: SettingsFile["storage"] = {},
): StorageSettings => {
  const told = flag ?? word("TURNPIKE_DATA") ?? file.path;
  return {
    directory: told === MEMORY ? undefined : (told ?? usualDirectory(word)),
    retentionMs: (file.retention_days ?? RETENTION_DAYS) * DAY_MS,
    maxBytes: file.max_bytes ?? MAX_BYTES,
  };
};

/** Systemd makes the first for a service, the others are those of the XDG base directories; without a home, none. */
const usualDirectory = (word: (...names: readonly string[]) => string | undefined): string | undefined => {
  const [service] = (word("STATE_DIRECTORY") ?? "").split(":");
  if (service !== undefined && service !== "") return service;
  const state = word("XDG_STATE_HOME");
  if (state !== undefined) return join(state, NAME);
  const home = word("HOME", "USERPROFILE");
  return home === undefined ? undefined : join(home, ".local", "state", NAME);
};
