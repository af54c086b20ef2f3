/** Single elements of flat XML answers: enough for AWS's, whose elements hold text or further elements, never both. */

/** The text of the first element of that name. */
export const xmlText = (xml: string, name: string): string | undefined => {
  const text = new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : unescaped(text.trim());
};

/** What stands in every element of that name. */
export const xmlElements = (xml: string, name: string): readonly string[] =>
  xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.split(`</${name}>`, 1).join());

export const xmlEscaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const unescaped = (text: string): string =>
  text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi,
    (whole, hex?: string, dec?: string, name = "") => {
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(dec);
      if (hex === undefined && dec === undefined) return NAMED[String(name)] ?? whole;
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
