/** Vendors' own paths, so that their own clients work with the gateway's address in place of the vendor's. */
import type { DialectId } from "../schema/chat.ts";
import type { NativeCall, NativePath } from "../schema/native.ts";

export interface NativeRoute {
  readonly method: "POST" | "ALL";
  readonly path: string;
  readonly summary: string;
  /** What a request of that path asks for; `undefined` when the path is not the vendor's after all. */
  readonly read: (pathname: string, search: string) => NativeCall | undefined;
}

/** `{model}:method` below `/models`, as the Google Gen AI SDK 3.1 asks. */
const readGemini = (pathname: string, search: string): NativeCall => {
  const below = pathname.replace(/^\/v1(?:beta)?(?=\/)/, "");
  const [, model, method] = /^\/models\/(.+):([A-Za-z]+)$/.exec(below) ?? [];
  return generates({ provider: "google", below: `/v1beta${below}` }, model, method, search);
};

/**
 * The same of Vertex AI, with a project and a place before it or (in express mode) without, and a tuned model by its
 * endpoint: docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference. What is below other
 * publishers is theirs.
 */
const readVertex = (pathname: string, search: string): NativeCall => {
  const below = pathname.replace(/^\/v1(?:beta1)?(?=\/)/, "");
  const { project, region, model, method } = VERTEX_PATH.exec(below)?.groups ?? {};
  const options = {
    ...(project !== undefined && { vertex_project_id: decoded(project) }),
    ...(region !== undefined && { vertex_region: decoded(region) }),
  };
  return generates({ provider: "vertex-ai", below: `/v1${below}`, options }, model, method, search);
};

const VERTEX_PATH =
  /^(?:\/projects\/(?<project>[^/]+)\/locations\/(?<region>[^/]+))?(?:\/(?:publishers\/google\/models|endpoints)\/(?<model>[^/]+):(?<method>[A-Za-z]+)$)?/;

type Around = Pick<NativePath, "provider" | "below" | "options">;

const generates = (
  whose: Around,
  model: string | undefined,
  method: string | undefined,
  search: string,
): NativeCall => {
  const around = { ...whose, speaks: "gemini", key: GOOGLE_KEY } as const;
  if (model === undefined || method === undefined)
    return { endpoint: "proxy", dialect: "gemini", native: { ...around, withheld: ["key"] } };
  const stream = GENERATES.get(method);
  const native = { ...around, method, said: { model: decoded(model) } };
  if (stream === undefined)
    return { endpoint: "proxy", dialect: "gemini", native: { ...native, withheld: ["key"] } };
  const isArray = stream && new URLSearchParams(search).get("alt") !== "sse";
  const said = { ...native.said, stream };
  return {
    endpoint: "chat",
    dialect: "gemini",
    native: { ...native, said, isArray, withheld: ["key", "alt"] },
  };
};

const GOOGLE_KEY: NonNullable<NativePath["key"]> = { header: "x-goog-api-key", query: "key" };

/** The methods that are chat, and whether they answer as a stream. */
const GENERATES: ReadonlyMap<string, boolean> = new Map([
  ["generateContent", false],
  ["streamGenerateContent", true],
]);

/** `/v1/models/…` is other APIs' too; none of theirs ends in one of these methods. */
const readGeminiVersion1 = (pathname: string, search: string): NativeCall | undefined =>
  GEMINI_METHOD.test(pathname) ? readGemini(pathname, search) : undefined;

/** Of the paths that OpenAI has too, what its client asks for: version 1 is its own for all that is not in beta. */
export const readGooglesOwn = (
  pathname: string,
  search: string,
  headers: Pick<Headers, "get" | "has">,
): NativeCall | undefined => {
  const named = headers.get("x-portkey-provider");
  const mayBeGoogle = named === null || NAMES_OF_GOOGLE.has(named);
  return mayBeGoogle && headers.has(GOOGLE_KEY.header) ? readGemini(pathname, search) : undefined;
};

const NAMES_OF_GOOGLE: ReadonlySet<string> = new Set(["google", "gemini"]);

const GEMINI_METHOD =
  /:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents|asyncBatchEmbedContent|batchGenerateContent|predict|predictLongRunning)$/;

/** ai.google.dev/api/files, "Example request" in Shell. */
const UPLOAD_URLS: readonly string[] = ["x-goog-upload-url", "x-goog-upload-control-url", "location"];

/**
 * Files, and those of search stores: ai.google.dev/api/files and ai.google.dev/api/file-search/file-search-stores,
 * "Upload URI". An upload that was begun goes on without a key, as in the Shell example there.
 */
const readGeminiUpload = (pathname: string, search: string): NativeCall => {
  const native = {
    provider: "google",
    speaks: "gemini",
    below: pathname.replace(/^\/upload\/v1(?:beta)?(?=\/)/, "/v1beta"),
    key: GOOGLE_KEY,
    withheld: ["key"],
    isUpload: true,
    goesOnAt: UPLOAD_URLS,
    isKeyless: new URLSearchParams(search).has("upload_id"),
  } as const;
  return { endpoint: "proxy", dialect: "gemini", native };
};

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, "Request Syntax" */
const readBedrock = (pathname: string): NativeCall => {
  const [, model, method] = /^\/model\/(.+)\/([a-z-]+)$/.exec(pathname) ?? [];
  const around = { provider: "bedrock", speaks: "bedrock-converse", below: pathname } as const;
  if (model === undefined || method === undefined) return passed(around);
  const said = { model: decoded(model) };
  return passed({
    ...around,
    method,
    said,
    isChat: CONVERSES.has(method),
    isInvoked: INVOKES.has(method),
  });
};

const CONVERSES: ReadonlySet<string> = new Set(["converse", "converse-stream"]);
const INVOKES: ReadonlySet<string> = new Set(["invoke", "invoke-with-response-stream"]);

/** As the cohere-ai SDK 8.1 asks. Others have a `/v1/chat`, too, Reka among them: docs.reka.ai/api-versioning */
const readCohere = (pathname: string): NativeCall =>
  passed({
    provider: "cohere",
    speaks: "cohere",
    below: pathname,
    isChat: pathname === "/v2/chat",
    isShared: pathname === "/v1/chat",
  });

/** What is only passed on; errors of ours have a `message` at the top, where these vendors' clients look for it. */
const passed = (native: NativePath): NativeCall => ({ endpoint: "proxy", dialect: "openai-chat", native });

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
};

const passedTo = (speaks: DialectId): string => `Passed through to providers that speak ${speaks}`;

const UPLOADS = "Uploads of Gemini's files, passed through to providers that speak gemini";

export const NATIVE_ROUTES: readonly NativeRoute[] = [
  {
    method: "ALL",
    path: "/v1beta/*",
    summary: "Gemini generateContent, for every provider; the rest passed through",
    read: readGemini,
  },
  { method: "ALL", path: "/upload/v1/*", summary: UPLOADS, read: readGeminiUpload },
  { method: "ALL", path: "/upload/v1beta/*", summary: UPLOADS, read: readGeminiUpload },
  {
    method: "ALL",
    path: "/v1beta1/*",
    summary: "Gemini generateContent as Vertex AI has it, for every provider; the rest passed through",
    read: readVertex,
  },
  {
    method: "POST",
    path: "/v1/models/*",
    summary: "Gemini generateContent, for every provider; the rest passed through",
    read: readGeminiVersion1,
  },
  { method: "ALL", path: "/model/*", summary: passedTo("bedrock-converse"), read: readBedrock },
  { method: "ALL", path: "/v2/*", summary: passedTo("cohere"), read: readCohere },
  { method: "POST", path: "/v1/chat", summary: passedTo("cohere"), read: readCohere },
];

/** OpenAI's paths as a vendor spells them: where they start, and who is asked. */
export const OPENAI_PREFIXES: readonly { readonly prefix: string; readonly provider: string }[] = [
  { prefix: "/openai", provider: "groq" }, // console.groq.com/docs/openai
];
