/** Provider options that travel as headers. */
import { isString } from "../schema/json.ts";
import type { HeaderInput } from "../schema/provider-row.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import type { ResolvedTarget } from "./target.ts";

/** A body field of the option's name says the same. Gives what the vendor would refuse of them. */
export const addInputs = (
  inbound: Inbound,
  target: ResolvedTarget,
  headers: Record<string, string>,
): readonly string[] => {
  const refused: string[] = [];
  for (const input of target.row.inputs ?? []) {
    const value =
      target.option(input.option) ??
      bareHeader(inbound, input) ??
      bodyOption(inbound, input.option) ??
      headers[input.header] ??
      input.default;
    if (value === undefined) continue;
    const known = knownValues(input, value, refused);
    if (known === "") delete headers[input.header];
    else headers[input.header] = known;
  }
  return refused;
};

const bareHeader = (inbound: Inbound, input: HeaderInput): string | undefined =>
  (input.bare === true ? inbound.headers.get(input.header) : null) || undefined;

const bodyOption = (inbound: Inbound, option: string): string | undefined => {
  const value = bodyJson(inbound)[option];
  if (Array.isArray(value)) return value.filter(isString).join(",");
  return isString(value) && value !== "" ? value : undefined;
};

/** The patterns are ours, written in rows. */
const knownValues = ({ header, values }: HeaderInput, said: string, refused: string[]): string => {
  if (values === undefined) return said;
  const known = said.split(",").map((each) => {
    const value = each.trim();
    const spelling = values.find(({ pattern }) => new RegExp(pattern).test(value));
    if (spelling?.name === "") refused.push(`${header} (${value})`);
    return spelling?.name ?? value;
  });
  return [...new Set(known.filter((value) => value !== ""))].join(",");
};
