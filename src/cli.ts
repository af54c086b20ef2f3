/** The command line: what was asked for, and one clear line when it cannot be done. */
import { parseArgs } from "node:util";
import { NAME, VERSION } from "./gateway/identity.ts";

const HELP = `${NAME} ${VERSION}: the gateway between applications and model providers

Usage:
  ${NAME} [serve] [options]     start the gateway
  ${NAME} providers [--json]    list the providers: endpoints, dialect, what each needs
  ${NAME} --help | --version

Options of serve:
  --host ADDRESS        address to listen on            (TURNPIKE_HOST, HOST; 127.0.0.1)
  --port NUMBER         port to listen on, 0 for any    (TURNPIKE_PORT, PORT; 8787)
  --settings FILE       settings, JSON or YAML          (TURNPIKE_SETTINGS)
  --data DIRECTORY      where responses are kept, or :memory: (TURNPIKE_DATA; ~/.local/state/turnpike)
  --log-level LEVEL     debug, info, warn, error, silent (TURNPIKE_LOG_LEVEL; info)
  --log-format FORMAT   json or text                    (TURNPIKE_LOG_FORMAT; json)

Environment:
  OPENAI_API_KEY, ANTHROPIC_API_KEY, ...   credentials for requests that bring none
  TRUSTED_CUSTOM_HOSTS                     private hosts that requests may name, comma-separated

Point a client at http://localhost:8787/v1 and name the provider, by the header
x-portkey-provider or at the front of the model: "anthropic/claude-sonnet-4-5".
`;

const OPTIONS = {
  host: { type: "string" },
  port: { type: "string" },
  settings: { type: "string" },
  data: { type: "string" },
  "log-level": { type: "string" },
  "log-format": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** What the operator got wrong: told in one line, exit code 2. */
class UsageError extends Error {}

export const run = async (args: readonly string[]): Promise<void> => {
  try {
    await runCommand(args);
  } catch (error) {
    process.stderr.write(`${NAME}: ${oneLine(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
};

const runCommand = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = parsed(args);
  if (values.help === true) return print(HELP);
  if (values.version === true) return print(`${NAME} ${VERSION}\n`);
  const [command = "serve", ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`Unexpected argument ${JSON.stringify(rest[0])} (see --help)`);
  switch (command) {
    case "serve":
      return (await import("./start.ts")).start(values);
    case "providers":
      return print((await import("./list-providers.ts")).listProviders(values));
    default:
      throw new UsageError(`Unknown command ${JSON.stringify(command)} (see --help)`);
  }
};

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${oneLine(error)} (see --help)`);
  }
};

const print = (text: string): void => {
  process.stdout.write(text);
};

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]?.replace(/\. To specify.*$/, "") ??
  "failed";
