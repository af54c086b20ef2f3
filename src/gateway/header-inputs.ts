/** Provider options that travel as headers. */
import { takenValue } from "../providers/input-values.ts";
import { isString } from "../schema/json.ts";
import type { HeaderInput } from "../schema/provider-row.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import type { ResolvedTarget } from "./target.ts";

/** A body field of the option's name says the same. Gives what the vendor would refuse of them, and is left out. */
export const addInputs = (
  inbound: Inbound,
  target: ResolvedTarget,
  headers: Record<string, string>,
): readonly string[] => {
  const missing: string[] = [];
  for (const input of target.row.inputs ?? []) {
    const said =
      target.option(input.option) ??
      bareHeader(inbound, input) ??
      bodyOption(inbound, input.option) ??
      headers[input.header] ??
      input.default;
    if (said === undefined) continue;
    const value = takenValue(input, said, missing);
    if (value === undefined) delete headers[input.header];
    else headers[input.header] = value;
  }
  return missing;
};

const bareHeader = (inbound: Inbound, input: HeaderInput): string | undefined =>
  (input.bare === true ? inbound.headers.get(input.header) : null) || undefined;

const bodyOption = (inbound: Inbound, option: string): string | undefined => {
  const value = bodyJson(inbound)[option];
  if (Array.isArray(value)) return value.filter(isString).join(",");
  return isString(value) && value !== "" ? value : undefined;
};
