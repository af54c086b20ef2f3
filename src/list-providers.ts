/** `turnpike providers`: who can be called, and under which names. */
import { createCatalog } from "./providers/catalog.ts";
import type { Flags } from "./server/load-settings.ts";
import { loadSettings } from "./server/load-settings.ts";

export const listProviders = (flags: Flags): string => {
  const { rows } = createCatalog(loadSettings(flags, process.env).providers);
  const table = [
    ["ID", "NAME", "DIALECT", "CREDENTIAL", "HOST"],
    ...rows.map((row) => [
      [row.id, ...(row.aliases ?? [])].join(", "),
      row.name,
      row.dialect,
      row.keyless === true ? "none" : (row.env?.[0] ?? "-"),
      row.base ?? "custom_host",
    ]),
  ];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return `${table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
};
