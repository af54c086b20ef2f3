/**
 * How Azure's identities get their access tokens.
 *
 * Client credentials and federated tokens: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
 * Managed identities: learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
 * and for App Service learn.microsoft.com/azure/app-service/overview-managed-identity (REST endpoint reference).
 */
import { createHash } from "node:crypto";
import { readCapped } from "../lib/body.ts";
import type { AccessToken } from "../lib/token-cache.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString, parsedObject } from "../schema/json.ts";
import type { SignRequest } from "./signer.ts";

/** A token, and the name of everything it is given for. */
export interface IssuedToken {
  readonly name: string;
  readonly fetch: () => Promise<AccessToken>;
}

const AUTHORITY = "https://login.microsoftonline.com";
const RESOURCE = "https://cognitiveservices.azure.com";
const INSTANCE_METADATA = "http://169.254.169.254/metadata/identity/oauth2/token";
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** An application with a secret: the caller's, or the gateway's own where that may be lent. */
export const entraToken = (request: SignRequest, mayLend: boolean): IssuedToken => {
  const { option, environment } = request;
  const options = ["azure_entra_tenant_id", "azure_entra_client_id", "azure_entra_client_secret"] as const;
  const variables = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] as const;
  // An application is said as a whole, so that nobody's secret is used under another's tenant.
  const isSaid = options.some((name) => option(name) !== undefined) || !mayLend;
  const [tenant, client, secret] = options.map((name, index) => {
    const value = isSaid ? option(name) : environment[variables[index] ?? ""];
    if (value === undefined || value === "") throw missingOption(name);
    return value;
  }) as [string, string, string]; // one for each of the three options
  const url = tokenUrl(request, tenant);
  const form = { client_id: client, client_secret: secret, scope: scopeOf(request) };
  return {
    name: nameOf("entra", url, form),
    fetch: () => issue(request, url, form),
  };
};

/** A workload whose platform writes a federated token for it (AKS and others). */
export const workloadToken = (request: SignRequest): IssuedToken => {
  const file = variable(request, "AZURE_FEDERATED_TOKEN_FILE");
  const url = tokenUrl(request, variable(request, "AZURE_TENANT_ID"));
  const client = request.option("azure_workload_client_id") ?? variable(request, "AZURE_CLIENT_ID");
  const form = { client_id: client, scope: scopeOf(request), client_assertion_type: ASSERTION_TYPE };
  return {
    name: nameOf("workload", url, { ...form, file }),
    fetch: async () => issue(request, url, { ...form, client_assertion: await readToken(file) }),
  };
};

/** The identity of the machine, or of the app service, that the gateway runs on. */
export const managedToken = (request: SignRequest): IssuedToken => {
  const { environment, option } = request;
  const client = option("azure_managed_client_id");
  const endpoint = environment["IDENTITY_ENDPOINT"];
  const secret = environment["IDENTITY_HEADER"];
  const isService = endpoint !== undefined && secret !== undefined;
  const query = new URLSearchParams({
    "api-version": isService ? "2019-08-01" : "2018-02-01",
    resource: scopeOf(request).replace(/\/\.default$/, ""),
    ...(client === undefined ? {} : { client_id: client }),
  });
  const url = `${isService ? endpoint : INSTANCE_METADATA}?${query.toString()}`;
  const headers: Record<string, string> = isService ? { "x-identity-header": secret } : { metadata: "true" };
  return { name: nameOf("managed", url, {}), fetch: () => ask(request, url, { method: "GET", headers }) };
};

const scopeOf = ({ option }: SignRequest): string => option("azure_entra_scope") ?? `${RESOURCE}/.default`;

/** The operator's cloud; its name is no secret, so it counts wherever the call goes. */
const tokenUrl = ({ environment }: SignRequest, tenant: string): string => {
  const authority = environment["AZURE_AUTHORITY_HOST"] || AUTHORITY;
  if (!/^[a-z0-9.-]+$/i.test(tenant) || /^\.+$/.test(tenant))
    throw invalidRequest("azure_entra_tenant_id", "must be a tenant's id or domain");
  return `${authority.replace(/\/+$/, "")}/${tenant}/oauth2/v2.0/token`;
};

const missingOption = (option: string): GatewayError =>
  new GatewayError(
    "missing_input",
    `Azure's auth mode entra needs ${option}: send x-portkey-${option.replaceAll("_", "-")}, or ${option} in the config`,
    { param: option },
  );

const variable = ({ environment }: SignRequest, name: string): string => {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  throw new GatewayError(
    "missing_credential",
    `Azure's auth mode workload needs ${name} in the environment that the gateway runs in`,
    { param: "azure_auth_mode" },
  );
};

const readToken = async (file: string): Promise<string> => {
  try {
    return (await Bun.file(file).text()).trim();
  } catch (error) {
    throw new GatewayError("missing_credential", "Cannot read the file of AZURE_FEDERATED_TOKEN_FILE", {
      cause: error,
    });
  }
};

/** Tokens are kept under what they were given for; secrets among it are not kept as they are. */
const nameOf = (mode: string, url: string, form: Readonly<Record<string, string>>): string =>
  createHash("sha256")
    .update(JSON.stringify([mode, url, form]))
    .digest("base64");

const issue = (
  request: SignRequest,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<AccessToken> =>
  ask(request, url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", ...form }).toString(),
  });

const MAX_BYTES = 256 * 1024;

const ask = async (
  request: SignRequest,
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<AccessToken> => {
  const headers = { accept: "application/json", "accept-encoding": "identity", ...init.headers };
  const response = await request.fetch(url, { ...init, headers });
  const body = parsedObject(new TextDecoder().decode(await readCapped(response, MAX_BYTES))) ?? {};
  const value = body["access_token"];
  if (response.ok && isString(value) && value !== "")
    return { value, expiresAt: request.now() + lifetimeMs(body, request.now()) };
  throw notIssued(url, response.status, body);
};

/** `expires_in` is seconds, as text from the metadata service; App Service says `expires_on`, a date in seconds. */
const lifetimeMs = (body: JsonObject, now: number): number => {
  const seconds = Number(body["expires_in"] ?? Number.NaN);
  if (seconds > 0) return seconds * 1000;
  const date = Number(body["expires_on"] ?? Number.NaN) * 1000;
  return date > now ? date - now : 0;
};

/** The first line of the reason names the fault (AADSTS…); the rest are ids and times. */
const notIssued = (url: string, status: number, body: JsonObject): GatewayError => {
  const { hostname } = new URL(url);
  const said = body["error_description"] ?? body["message"] ?? body["error"];
  const reason = isString(said) ? (said.split(/\r?\n/)[0] ?? "").slice(0, 300) : `status ${status}`;
  return new GatewayError(
    status >= 400 && status < 500 && status !== 429 ? "token_refused" : "upstream_unreachable",
    `Cannot get a token for Azure from ${hostname}: ${reason}`,
  );
};
