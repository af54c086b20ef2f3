/** Fields of a body whose value says that nothing is said. */
import type { JsonEdit } from "../lib/json-splice.ts";
import { spliceJson } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";

/** Portkey's gateway puts its own default in this value's place; the vendor's holds where there is none. */
const DEFAULT = "portkey-default";

interface Body {
  readonly text: string;
  readonly value: JsonObject;
}

export const withoutUnsaid = (body: Body): Body => {
  for (const name in body.value) if (body.value[name] === DEFAULT) return cleaned(body);
  return body;
};

const cleaned = ({ text, value }: Body): Body => {
  const names = Object.keys(value).filter((name) => value[name] === DEFAULT);
  const edits = names.map((name): JsonEdit => ({ op: "remove", path: [name] }));
  return {
    text: spliceJson(text, edits),
    value: Object.fromEntries(Object.entries(value).filter(([, said]) => said !== DEFAULT)),
  };
};
