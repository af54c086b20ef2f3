/**
 * Signing for Google Cloud: an access token of a service account, of the request, or of the place where the
 * gateway runs; or an API key of Vertex's express mode.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TokenCache } from "../lib/token-cache.ts";
import { createTokenCache } from "../lib/token-cache.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { TokenSource } from "./signer.google.tokens.ts";
import { accountToken, metadataToken, serviceAccountToken } from "./signer.google.tokens.ts";
import type { Signer, SignRequest } from "./signer.ts";

export interface GoogleSignerParts {
  readonly tokens: TokenCache;
  /** The text of a file; `undefined` when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
}

export const googleSigner =
  ({ tokens, readText }: GoogleSignerParts): Signer =>
  (request) => {
    const account = accountOf(request);
    if (account !== undefined)
      return withToken(tokens, request, keyOf(account), () => callersToken(account, request));
    if (request.credential !== undefined) return withCredential(request, request.credential);
    if (!request.atHome) throw missingCredential(request);
    return withToken(tokens, request, keyOf(placesOf(request)), () => ownToken(request, readText));
  };

const readFile = async (path: string): Promise<string | undefined> => {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : undefined;
};

export const signGoogle: Signer = googleSigner({
  tokens: createTokenCache({ now: () => Date.now() }),
  readText: readFile,
});

const OPTION = "vertex_service_account_json";

/** Google's keys: cloud.google.com/docs/authentication/api-keys. Everything else is an access token. */
const API_KEY = /^(?:AIza|AQ\.)/;

const withCredential = ({ headers }: SignRequest, credential: string): void => {
  if (API_KEY.test(credential)) headers["x-goog-api-key"] = credential;
  else headers["authorization"] = `Bearer ${credential}`;
};

const withToken = async (
  tokens: TokenCache,
  { headers }: SignRequest,
  key: string,
  fetchToken: Parameters<TokenCache["get"]>[1],
): Promise<void> => {
  headers["authorization"] = `Bearer ${await tokens.get(key, fetchToken)}`;
};

/** A service account of the request: as an option, or in the place of the key. */
const accountOf = ({ credential, object }: SignRequest): JsonObject | undefined => {
  const account = object(OPTION) ?? (credential?.startsWith("{") === true ? parsed(credential) : undefined);
  return account === undefined ? undefined : checkedObject(account);
};

const checkedObject = (value: unknown): JsonObject => {
  if (isObject(value)) return value;
  throw invalidRequest(OPTION, "must be the JSON of a key file");
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Who says all of this may use its token. */
const keyOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("base64");

/**
 * A key file of a caller: only of the kind that holds a key, since others name files and hosts to be read
 * from where the gateway runs.
 */
const callersToken: TokenSource = (account, request) => {
  const { type, token_uri: uri } = account;
  if (type !== undefined && type !== "service_account")
    throw invalidRequest(`${OPTION}.type`, "must be service_account");
  if (isString(uri) && !GOOGLE_TOKEN_ORIGINS.has(URL.parse(uri)?.origin ?? ""))
    throw invalidRequest(`${OPTION}.token_uri`, "must be https://oauth2.googleapis.com/token");
  return serviceAccountToken({ ...account, token_uri: undefined }, request);
};

/** Key files name one of three, which are the same. */
const GOOGLE_TOKEN_ORIGINS: ReadonlySet<string> = new Set([
  "https://oauth2.googleapis.com",
  "https://www.googleapis.com",
  "https://accounts.google.com",
]);

const placesOf = ({ environment }: SignRequest): readonly (string | undefined)[] => [
  environment["GOOGLE_APPLICATION_CREDENTIALS"],
  wellKnownFile(environment),
  environment["GCE_METADATA_HOST"],
];

/** Application default credentials, in Google's order: cloud.google.com/docs/authentication/application-default-credentials. */
const ownToken = async (
  request: SignRequest,
  readText: GoogleSignerParts["readText"],
): ReturnType<TokenSource> => {
  const named = request.environment["GOOGLE_APPLICATION_CREDENTIALS"]?.trim();
  for (const path of [named, wellKnownFile(request.environment)]) {
    const text = path === undefined || path === "" ? undefined : await readText(path);
    if (text !== undefined) return accountToken(checkedFile(text, path), request, readText);
    if (path === named && named !== undefined && named !== "")
      throw new GatewayError(
        "missing_credential",
        `Cannot get a Google access token: there is no file ${named}`,
      );
  }
  return (await metadataToken(request)) ?? missing(request);
};

const wellKnownFile = (environment: SignRequest["environment"]): string | undefined => {
  const folder =
    environment["CLOUDSDK_CONFIG"] ?? (environment["HOME"] && join(environment["HOME"], ".config/gcloud"));
  return folder === undefined || folder === ""
    ? undefined
    : join(folder, "application_default_credentials.json");
};

const checkedFile = (text: string, path: string | undefined): JsonObject => {
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new GatewayError("missing_credential", `Cannot get a Google access token: ${path} is not JSON`);
};

const missing = (request: SignRequest): never => {
  throw missingCredential(request);
};

const missingCredential = ({ atHome }: SignRequest): GatewayError =>
  new GatewayError(
    "missing_credential",
    `No credential for Google Cloud: send an access token as "Authorization: Bearer <token>", or a service account as x-portkey-vertex-service-account-json or as ${OPTION} in the config${
      atHome ? ", or set GOOGLE_APPLICATION_CREDENTIALS where the gateway runs" : ""
    }`,
    { param: OPTION },
  );
