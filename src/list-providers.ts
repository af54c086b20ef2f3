/** `turnpike providers`: who can be called, under which names, for what, and what each needs to know. */
import { createCatalog } from "./providers/catalog.ts";
import type { ProviderRow } from "./schema/provider-row.ts";
import { loadSettings } from "./server/load-settings.ts";
import type { Flags } from "./server/load-settings.ts";

export const listProviders = (flags: Flags & { readonly json?: boolean | undefined }): string => {
  const { rows } = createCatalog(loadSettings(flags, process.env).providers);
  const listed = [...rows].sort((a, b) => a.id.localeCompare(b.id, "en")).map(described);
  return flags.json === true ? `${JSON.stringify(listed, null, 2)}\n` : table(listed);
};

interface Described {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly name: string;
  readonly dialect: string;
  readonly endpoints: readonly string[];
  readonly needs: readonly string[];
}

const described = (row: ProviderRow): Described => ({
  id: row.id,
  aliases: row.aliases ?? [],
  name: row.name,
  dialect: row.paths.chat === undefined ? "-" : row.dialect,
  endpoints: [...Object.keys(row.paths), ...Object.keys(row.adapters ?? {}), "proxy"],
  needs: [...credential(row), ...places(row)],
});

/** The first variable that may hold the credential; other kinds of access are options. */
const credential = (row: ProviderRow): readonly string[] => {
  if (row.keyless === true || row.auth.kind === "none") return [];
  if (row.env?.[0] !== undefined) return [row.env[0]];
  return [
    row.auth.kind === "bearer" || row.auth.kind === "header" ? "api_key" : `${row.auth.kind} credentials`,
  ];
};

/** Options without a default that stand in its base or in the path of every chat. */
const places = (row: ProviderRow): readonly string[] => {
  if (row.base === null) return ["custom_host"];
  const templates = `${row.base} ${row.paths.chat ?? ""}`;
  const names = [...templates.matchAll(/\{([a-z0-9_]+)\}/g)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)].filter(
    (name) => name !== "model" && row.places?.find(({ option }) => option === name)?.default === undefined,
  );
};

const table = (listed: readonly Described[]): string => {
  const lines = [
    ["ID", "NAME", "DIALECT", "NEEDS", "ENDPOINTS"],
    ...listed.map(({ id, aliases, name, dialect, needs, endpoints }) => [
      [id, ...aliases].join(", "),
      name,
      dialect,
      needs.join(", ") || "-",
      endpoints.join(", "),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${text.join("\n")}\n`;
};
