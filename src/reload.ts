/**
 * Takes up changed settings while running: a new gateway is built beside the old one, and takes its place.
 *
 * A file that does not build never replaces one that did. Calls end in the gateway they began in. What a
 * process decides once (where it listens, where it keeps things, how it logs) waits for a restart, and the
 * operator is told so.
 */
import { unwatchFile, watchFile } from "node:fs";
import type { Settings } from "./schema/settings.ts";
import type { Log } from "./telemetry/log.ts";

export interface Reloading {
  /** The settings file, where there is one. */
  readonly path: string | undefined;
  /** The settings as they are now; throws what the operator has to put right. */
  readonly load: () => Settings;
  /** Puts a gateway of these settings in the place of the old one; throws for what does not build. */
  readonly take: (settings: Settings) => void;
  readonly log: Log;
}

/** Files are looked at, not listened to: editors and mounted volumes replace them in ways no event tells. */
const LOOK_MS = 1000;

/** On SIGHUP, and when the file changes. Returns what ends the watch. */
export const reloadOnChange = (started: Settings, { path, load, take, log }: Reloading): (() => void) => {
  const reload = (why: string): void => {
    try {
      const settings = load();
      take(settings);
      const waiting = waitingIn(started, settings);
      log.say("info", "reloaded", { why, ...(waiting.length === 0 ? {} : { after_restart: waiting }) });
    } catch (error) {
      log.say("error", "not_reloaded", {
        why,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  };
  const hangup = (): void => reload("SIGHUP");
  const changed = (): void => reload("the settings file changed");
  process.on("SIGHUP", hangup);
  if (path !== undefined) watchFile(path, { interval: LOOK_MS }, changed);
  return () => {
    process.off("SIGHUP", hangup);
    if (path !== undefined) unwatchFile(path, changed);
  };
};

/** Settings that count from the next start on. */
const ONCE = ["host", "port", "allowedHosts", "corsOrigins", "logLevel", "logFormat", "storage"] as const;

const waitingIn = (started: Settings, settings: Settings): readonly string[] =>
  ONCE.filter((name) => JSON.stringify(started[name]) !== JSON.stringify(settings[name]));
