/** The codecs of endpoints other than chat, by the name a row gives them. */
import type { Codec } from "./codec.ts";
import { hyperbolicImages, siliconflowImages } from "./images-list.ts";

const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["hyperbolic-images", hyperbolicImages],
  ["siliconflow-images", siliconflowImages],
]);

export const codecOf = (name: string): Codec => {
  const codec = CODECS.get(name);
  if (codec === undefined) throw new Error(`There is no codec ${name}`); // a row that no test has seen
  return codec;
};
