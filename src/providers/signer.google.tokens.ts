/**
 * Access tokens of Google Cloud for what a credential file may be
 * (google.aip.dev/auth, and developers.google.com/identity/protocols/oauth2/service-account).
 */
import type { HttpResponse } from "../lib/http.ts";
import { importPKCS8, SignJWT } from "jose";
import type { AccessToken } from "../lib/token-cache.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isNumber, isObject, isString, parsedObject } from "../schema/json.ts";
import { readError } from "./gemini.errors.ts";
import type { SignRequest } from "./signer.ts";

export type TokenSource = (account: JsonObject, request: SignRequest) => Promise<AccessToken>;

type ReadText = (path: string) => Promise<string | undefined>;

/** The token of a credential file of the operator's. */
export const accountToken = (
  account: JsonObject,
  request: SignRequest,
  readText: ReadText,
): Promise<AccessToken> => {
  switch (account["type"]) {
    case "service_account":
      return serviceAccountToken(account, request);
    case "authorized_user":
      return userToken(account, request);
    case "external_account":
      return federatedToken(account, request, readText);
    case "impersonated_service_account":
      return impersonatedToken(account, request, readText);
    default:
      throw unusable(`its type ${JSON.stringify(account["type"])} is not one that can be used here`);
  }
};

/** A service account proves itself with an assertion that its key has signed. */
export const serviceAccountToken: TokenSource = async (account, request) => {
  const uri = stringOf(account["token_uri"]) ?? TOKEN_URI;
  return exchange(request, uri, {
    grant_type: JWT_BEARER,
    assertion: await assertionOf(account, uri, request),
  });
};

/** The token of the machine that the gateway runs on; `undefined` away from Google's machines. */
export const metadataToken = async (request: SignRequest): Promise<AccessToken | undefined> => {
  const host = request.environment["GCE_METADATA_HOST"]?.trim() || "metadata.google.internal";
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const response = await reached(request, url);
  return response === undefined ? undefined : readToken(response, request);
};

const TOKEN_URI = "https://oauth2.googleapis.com/token";
const STS_URI = "https://sts.googleapis.com/v1/token";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const HOUR_S = 3600;

const stringOf = (value: unknown): string | undefined =>
  isString(value) && value !== "" ? value : undefined;

const assertionOf = async (account: JsonObject, audience: string, request: SignRequest): Promise<string> => {
  const issuedAt = Math.floor(request.now() / 1000);
  const keyId = stringOf(account["private_key_id"]);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(required(account, "client_email"))
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + HOUR_S)
    .sign(await privateKeyOf(account));
};

const required = (account: JsonObject, field: string): string => {
  const value = stringOf(account[field]);
  if (value === undefined) throw invalidRequest(`vertex_service_account_json.${field}`, "is required");
  return value;
};

/** Line breaks come escaped where the file went through a variable or a header. */
const privateKeyOf = async (account: JsonObject): ReturnType<typeof importPKCS8> => {
  const pem = required(account, "private_key").replaceAll("\\n", "\n");
  try {
    return await importPKCS8(pem, "RS256");
  } catch {
    throw invalidRequest("vertex_service_account_json.private_key", "must be a private key in PKCS #8");
  }
};

/** Of `gcloud auth application-default login`. */
const userToken: TokenSource = (account, request) =>
  exchange(request, TOKEN_URI, {
    grant_type: "refresh_token",
    client_id: fromFile(account, "client_id"),
    client_secret: fromFile(account, "client_secret"),
    refresh_token: fromFile(account, "refresh_token"),
  });

/** Workload identity federation: a token of another identity provider for one of Google's. */
const federatedToken = async (
  account: JsonObject,
  request: SignRequest,
  readText: ReadText,
): Promise<AccessToken> => {
  const token = await exchange(request, stringOf(account["token_url"]) ?? STS_URI, {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience: fromFile(account, "audience"),
    scope: SCOPE,
    subject_token_type: fromFile(account, "subject_token_type"),
    subject_token: await subjectToken(account["credential_source"], request, readText),
  });
  const url = stringOf(account["service_account_impersonation_url"]);
  return url === undefined ? token : impersonate(url, token, request);
};

const impersonatedToken = async (
  account: JsonObject,
  request: SignRequest,
  readText: ReadText,
): Promise<AccessToken> => {
  const source = account["source_credentials"];
  if (!isObject(source)) throw unusable("it has no source_credentials");
  const url = fromFile(account, "service_account_impersonation_url");
  return impersonate(url, await accountToken(source, request, readText), request);
};

const impersonate = async (url: string, token: AccessToken, request: SignRequest): Promise<AccessToken> => {
  const response = await request.fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token.value}`, "content-type": "application/json" },
    body: JSON.stringify({ scope: [SCOPE], lifetime: `${HOUR_S}s` }),
  });
  const { accessToken, expireTime } = await jsonOf(response);
  const expiresAt = isString(expireTime) ? Date.parse(expireTime) : Number.NaN;
  if (!isString(accessToken) || Number.isNaN(expiresAt)) throw unanswered("the answer holds no token");
  return { value: accessToken, expiresAt };
};

/** The other provider's token lies in a file, or is asked for at a URL. */
const subjectToken = async (source: unknown, request: SignRequest, readText: ReadText): Promise<string> => {
  if (!isObject(source)) throw unusable("it has no credential_source");
  const text = (await subjectText(source, request, readText))?.trim();
  const format = source["format"];
  if (text === undefined || text === "") throw unusable("its credential_source gave nothing");
  if (!isObject(format) || format["type"] !== "json") return text;
  const token = parsedObject(text)?.[stringOf(format["subject_token_field_name"]) ?? ""];
  if (!isString(token)) throw unusable("its credential_source gave no token");
  return token;
};

const subjectText = async (
  source: JsonObject,
  request: SignRequest,
  readText: ReadText,
): Promise<string | undefined> => {
  const { file, url, headers } = source;
  if (isString(file)) return readText(file);
  if (!isString(url) || source["environment_id"] !== undefined)
    throw unusable("its credential_source is neither a file nor a URL");
  const sent = Object.entries(isObject(headers) ? headers : {}).flatMap(([name, value]) =>
    isString(value) ? [[name, value] as const] : [],
  );
  const response = await request.fetch(url, { method: "GET", headers: Object.fromEntries(sent) });
  if (!response.ok) throw unusable(`its credential_source answered ${response.status}`);
  return response.text();
};

const fromFile = (account: JsonObject, field: string): string => {
  const value = stringOf(account[field]);
  if (value === undefined) throw unusable(`it has no ${field}`);
  return value;
};

const exchange = async (
  request: SignRequest,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<AccessToken> =>
  readToken(
    await request.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    }),
    request,
  );

const readToken = async (response: HttpResponse, request: SignRequest): Promise<AccessToken> => {
  const { access_token: value, expires_in: seconds } = await jsonOf(response);
  if (!isString(value) || value === "") throw unanswered("the answer holds no token");
  return { value, expiresAt: request.now() + (isNumber(seconds) ? seconds : HOUR_S) * 1000 };
};

const jsonOf = async (response: HttpResponse): Promise<JsonObject> => {
  const text = await response.text();
  const body = parsedObject(text);
  if (response.ok && body !== undefined) return body;
  const { type, message } = readError(response.status, body ?? text);
  const reason = type === null || type === message ? message : `${type}: ${message}`;
  throw response.status < 500 && !response.ok
    ? new GatewayError("missing_credential", `Cannot get a Google access token: ${reason}`)
    : unanswered(reason);
};

/** Away from Google's machines nobody answers to the name of their metadata server. */
const reached = async (request: SignRequest, url: string): Promise<HttpResponse | undefined> => {
  try {
    return await request.fetch(url, { method: "GET", headers: { "metadata-flavor": "Google" } });
  } catch {
    return undefined; // the caller says what would help
  }
};

const unusable = (reason: string): GatewayError =>
  new GatewayError("missing_credential", `Cannot use the Google credential file: ${reason}`);

const unanswered = (reason: string): GatewayError =>
  new GatewayError("upstream_unreachable", `Cannot get a Google access token: ${reason}`);
