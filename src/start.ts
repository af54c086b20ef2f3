/** `turnpike serve`: settings, gateway, server and the end of it all. */
import { createEgress } from "./lib/egress.ts";
import type { EgressPolicy } from "./lib/egress.ts";
import { realWorld } from "./lib/world.ts";
import type { Gateway, Kept } from "./gateway/assemble.ts";
import { assemble, openKept } from "./gateway/assemble.ts";
import { VERSION } from "./gateway/identity.ts";
import { reloadOnChange } from "./reload.ts";
import type { Settings } from "./schema/settings.ts";
import { loadSettings } from "./server/load-settings.ts";
import type { Flags } from "./server/load-settings.ts";
import { isLoopbackHost, serve } from "./server/serve.ts";
import type { Serving } from "./server/serve.ts";
import { createLineQueue } from "./telemetry/line-queue.ts";
import { createLog } from "./telemetry/log.ts";
import type { Log } from "./telemetry/log.ts";
import type { LineQueue } from "./telemetry/line-queue.ts";

export const start = (flags: Flags): void => {
  const settings = loadSettings(flags, process.env);
  const queue = createLineQueue(process.stdout);
  const log = createLog(queue, settings.logLevel, settings.logFormat);
  surviveBugs(log);
  const kept = openKept(settings, log);
  let serving: Serving | undefined;
  const build = (from: Settings): Gateway => {
    const policy = egressPolicy(from, settings.host);
    const egress = createEgress({ policy, connectMs: from.limits.connectMs, self: () => serving });
    return assemble({
      settings: from,
      environment: process.env,
      egress,
      policy,
      world: realWorld,
      log,
      kept,
    });
  };
  let gateway = build(settings);
  serving = listen(() => gateway, settings);
  announce(settings, serving, log);
  reloadOnChange(settings, {
    path: settings.path,
    load: () => loadSettings(flags, process.env),
    take: (changed) => (gateway = build(changed)),
    log,
  });
  stopOnSignal(serving, kept, log, queue);
  setTimeout(() => Bun.gc(true), TIDY_MS).unref();
};

/** What only the start needed is given back then: 1.4 MB of 58. */
const TIDY_MS = 1000;

/** Callers may name local hosts only while nobody else can call us. */
const egressPolicy = ({ trustedHosts }: Settings, host: string): EgressPolicy => ({
  trusted: trustedHosts ?? [],
  allowLoopback: isLoopbackHost(host) && trustedHosts === undefined,
});

const listen = (current: () => Gateway, settings: Settings): Serving => {
  try {
    return serve(current, settings);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE")
      throw new Error(`Cannot listen on ${settings.host}:${settings.port}: the port is in use`, {
        cause: error,
      });
    if (code === "EACCES")
      throw new Error(`Cannot listen on ${settings.host}:${settings.port}: not allowed`, { cause: error });
    throw new Error(
      `Cannot listen on ${settings.host}:${settings.port}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
};

const announce = (settings: Settings, serving: Serving, log: Log): void => {
  log.say("info", "listening", {
    url: serving.url,
    host: serving.host,
    port: serving.port,
    version: VERSION,
    pid: process.pid,
  });
  if (isLoopbackHost(settings.host)) return;
  log.say("warn", "exposed", {
    message:
      "Anyone who can reach this address can use the gateway and the credentials in its environment: keep it behind a firewall or a proxy that authenticates",
  });
};

/** One poisoned request must not take the others down. */
const surviveBugs = (log: Log): void => {
  const report = (error: unknown): void =>
    log.say("error", "bug", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
};

/** The first signal drains, the second ends at once. */
const stopOnSignal = (serving: Serving, { calls }: Kept, log: Log, queue: LineQueue): void => {
  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.say("info", "stopping", { signal, in_flight: calls.inFlight });
    await serving.drain();
    log.say("info", "stopped", { dropped_lines: queue.dropped });
    await queue.flush();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
};
