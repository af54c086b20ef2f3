/** Settings for tests: the defaults, but for what a test is about. */
import { DEFAULT_LIMITS } from "../../src/schema/limits.ts";
import type { Settings } from "../../src/schema/settings.ts";

export const settingsOf = (more: Partial<Settings> = {}): Settings => ({
  path: undefined,
  host: "127.0.0.1",
  port: 0,
  allowedHosts: [],
  corsOrigins: [],
  logLevel: "info",
  logFormat: "json",
  trustedHosts: undefined,
  limits: DEFAULT_LIMITS,
  storage: { directory: undefined, retentionMs: 30 * 24 * 60 * 60 * 1000, maxBytes: 16 * 1024 * 1024 },
  providers: [],
  virtualKeys: new Map(),
  configs: {},
  defaultConfig: undefined,
  ...more,
});
