/** The floors of `docs/architecture.md` §2, and what no file of the program may say. */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { createCatalog } from "../src/providers/catalog.ts";

const ROOT = join(import.meta.dir, "..");

/** Files directly in `src` are the top floor. */
const FLOORS: Readonly<Record<string, number>> = {
  main: 6,
  server: 5,
  console: 5,
  gateway: 4,
  routing: 3,
  providers: 2,
  guardrails: 2,
  storage: 2,
  telemetry: 2,
  schema: 1,
  lib: 0,
};

interface Import {
  /** From the repository's root. */
  readonly to: string;
  readonly isType: boolean;
}

interface SourceFile {
  readonly path: string;
  /** As written, without its comments. */
  readonly text: string;
  /** As it runs: without types either. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const COMMENT_OR_TEXT =
  /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g;
const STATIC = /(?:\b(?:import|export)\s+(type\b)?([^;"'()]*?)\bfrom|\bimport)\s*"(\.[^"]+)"/g;
const DYNAMIC = /\bimport\(\s*"(\.[^"]+)"/g;

const withoutComments = (text: string): string =>
  text.replaceAll(COMMENT_OR_TEXT, (_match, kept: string | undefined) => kept ?? " ");

/** `{ type A, type B }` brings nothing that runs, either. */
const namesOnlyTypes = (names: string): boolean => {
  const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  if (listed === undefined) return false;
  return listed.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
};

const importsOf = (path: string, text: string): readonly Import[] => {
  const at = (specifier = ""): string => normalize(join(dirname(path), specifier));
  return [
    ...[...text.matchAll(STATIC)].map(([, type, names = "", specifier]) => ({
      to: at(specifier),
      isType: type !== undefined || namesOnlyTypes(names),
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, specifier]) => ({ to: at(specifier), isType: false })),
  ];
};

const read = (path: string): SourceFile => {
  const text = withoutComments(readFileSync(join(ROOT, path), "utf8"));
  const loader = path.endsWith("x") ? "tsx" : "ts";
  const code = new Bun.Transpiler({ loader, target: "bun" }).transformSync(text);
  return { path, text, code, imports: importsOf(path, text) };
};

const FILES = [...new Glob("src/**/*.{ts,tsx}").scanSync({ cwd: ROOT })].toSorted().map(read);

const roomOf = (path: string): string => {
  const [, room = "", rest] = path.split("/");
  return rest === undefined ? "main" : room;
};

const floorOf = (path: string): number => FLOORS[roomOf(path)] ?? Number.NaN;

/** The one door upwards: a JSON value's type is nobody's knowledge. */
const isJsonType = (from: string, { to, isType }: Import): boolean =>
  isType && roomOf(from) === "lib" && to === "src/schema/json.ts";

const isAllowed = (from: string, imported: Import): boolean => {
  const { to } = imported;
  if (!to.startsWith("src/")) return to === "package.json" && floorOf(from) >= floorOf("src/gateway/x.ts");
  if (roomOf(from) === roomOf(to) || isJsonType(from, imported)) return true;
  if (roomOf(from) === "console") return roomOf(to) === "schema";
  return floorOf(to) < floorOf(from);
};

const where = (what: (file: SourceFile) => boolean, except: (path: string) => boolean = () => false) =>
  FILES.filter((file) => !except(file.path) && what(file)).map(({ path }) => path);

describe("the floors", () => {
  test("every file stands on one", () => {
    expect(FILES.length).toBeGreaterThan(50);
    expect(FILES.filter(({ path }) => Number.isNaN(floorOf(path))).map(({ path }) => path)).toEqual([]);
  });

  test("imports go down only, and rooms of one floor have no doors", () => {
    const wrong = FILES.flatMap(({ path, imports }) =>
      imports.filter((imported) => !isAllowed(path, imported)).map(({ to }) => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test("every import can be read here: none is computed, each names a file that is there", () => {
    expect(where(({ text }) => /\bimport\(\s*[^"\s]/.test(text))).toEqual([]);
    const paths = new Set([...FILES.map(({ path }) => path), "package.json", "src/providers/models.json"]);
    const lost = FILES.flatMap(({ path, imports }) =>
      imports.filter(({ to }) => !paths.has(to)).map(({ to }) => `${path} imports ${to}`),
    );
    expect(lost).toEqual([]);
  });

  test.each<[string, string, string, boolean]>([
    ["lib takes a JSON type", "src/lib/a.ts", 'import type { JsonValue } from "../schema/json.ts";', true],
    ["lib takes no JSON code", "src/lib/a.ts", 'import { isObject } from "../schema/json.ts";', false],
    ["an inline type is one", "src/lib/a.ts", 'import { type JsonValue } from "../schema/json.ts";', true],
    ["types go down, too", "src/lib/a.ts", 'import type { Chat } from "../schema/chat.ts";', false],
    ["schema takes from lib", "src/schema/a.ts", 'import type { World } from "../lib/world.ts";', true],
    ["routing knows no gateway", "src/routing/a.ts", 'import "../gateway/call.ts";', false],
    ["rooms have no doors", "src/providers/a.ts", 'import { x } from "../telemetry/log.ts";', false],
    ["a lazy import counts", "src/gateway/a.ts", 'await import("../server/app.ts")', false],
    ["an export counts", "src/schema/a.ts", 'export { x } from "../routing/retry.ts";', false],
    ["over several lines", "src/lib/a.ts", 'import {\n  x,\n  y,\n} from "../schema/chat.ts";', false],
    ["the console takes a schema", "src/console/a.ts", 'import { x } from "../schema/record.ts";', true],
    ["the console takes no lib", "src/console/a.ts", 'import { x } from "../lib/sse.ts";', false],
    ["nobody takes from the top", "src/server/a.ts", 'import { x } from "../start.ts";', false],
  ])("as the table says: %s", (_name, from, text, expected) => {
    const found = importsOf(from, text);
    expect(found).toHaveLength(1);
    expect(found.every((imported) => isAllowed(from, imported))).toBe(expected);
  });
});

const isEgress = (path: string): boolean =>
  /^src\/lib\/(?:egress(?:\.socket)?|http\.(?:client|connection))\.ts$/.test(path);

/** Calls, not methods of that name that an object declares. */
const DIALS: readonly (readonly [string, RegExp])[] = [
  ["fetch", /(?<![.\w])fetch\((?![^()]*\)\s*\{)|\b(?:globalThis|Bun|global)\.fetch\b/],
  ["WebSocket", /\bnew WebSocket\(|from "ws"/],
  ["the egress's own dialling", /import (?!type)[^;]*(?:egress\.socket|http\.client|http\.connection)\.ts"/],
  [
    "a socket",
    /\bBun\.(?:connect|udpSocket)\b|(?:connect|createConnection|Socket|\*)\b[^;]*"node:(?:net|tls)"/,
  ],
  ["the client of node:http", /from "(?:node:)?(?:https?|http2|dgram)"/],
];

describe("no file", () => {
  test.each(DIALS)("but the egress dials out by %s", (_name, pattern) => {
    expect(where(({ code }) => pattern.test(code), isEgress)).toEqual([]);
  });

  test("names a provider, but those of the providers' room", () => {
    const names = createCatalog().rows.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
    const isName = new RegExp(`(["'\`])(?:${names.map((name) => RegExp.escape(name)).join("|")})\\1`);
    const isHome = (path: string): boolean => path.startsWith("src/providers/");
    expect(where(({ code }) => isName.test(code), isHome)).toEqual([]);
  });

  test("writes to the console", () => {
    expect(where(({ code }) => /\bconsole\s*[.[]/.test(code))).toEqual([]);
  });

  test("freezes a list: JavaScriptCore walks a frozen one ten times slower", () => {
    expect(where(({ code }) => /Object\.freeze(?:<[^(]*>)?\(\s*\[/.test(code))).toEqual([]);
  });

  test("gives up its types", () => {
    const bare = (text: string): string => text.replaceAll(COMMENT_OR_TEXT, '""');
    expect(where(({ text }) => /(?<![.\w])any\b(?!\s*:)/.test(bare(text)))).toEqual([]);
  });

  test("silences the checker", () => {
    const whole = (path: string): string => readFileSync(join(ROOT, path), "utf8");
    expect(where(({ path }) => /@ts-(?:ignore|nocheck|expect-error)/.test(whole(path)))).toEqual([]);
  });
});
