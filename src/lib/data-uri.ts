/** Data URIs (RFC 2397) that carry base64, which is how files ride inside JSON. */

export interface DataUri {
  readonly mediaType: string;
  /** Base64, as it stood in the URI. */
  readonly data: string;
}

/** What a base64 data URI holds; `undefined` for everything else, other encodings included. */
export const parseDataUri = (uri: string): DataUri | undefined => {
  if (uri.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  const comma = uri.indexOf(",");
  if (comma === -1) return undefined;
  // `image/png;charset=utf-8;base64`: the type, then parameters, of which `base64` is the last.
  const [mediaType = "", ...parameters] = uri
    .slice(SCHEME.length, comma)
    .split(";")
    .map((part) => part.trim());
  if (!parameters.some((parameter) => parameter.toLowerCase() === "base64")) return undefined;
  return { mediaType: mediaType === "" ? DEFAULT_TYPE : mediaType.toLowerCase(), data: uri.slice(comma + 1) };
};

export const toDataUri = (mediaType: string, data: string): string => `${SCHEME}${mediaType};base64,${data}`;

const SCHEME = "data:";
/** What RFC 2397 takes an unnamed type to be. */
const DEFAULT_TYPE = "text/plain";
