/**
 * `?pretty` indents a JSON answer, as the reference does.
 *
 * What is written to the socket as it comes stays as it comes: it may be packed, endless, cut short or no
 * JSON after all.
 */
import { isDirect } from "../lib/direct-stream.ts";

export const wantsPretty = (request: Request): boolean =>
  request.url.includes("pretty") && /[?&]pretty(?:[=&]|$)/.test(request.url);

export const pretty = async (answer: Response | Promise<Response>): Promise<Response> => {
  const response = await answer;
  const { status, headers, body } = response;
  if (!isJson(headers) || body === null || isDirect(body)) return response;
  return new Response(indented(await response.text()), { status, headers });
};

const isJson = (headers: Headers): boolean =>
  (headers.get("content-type") ?? "").startsWith("application/json");

const indented = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};
