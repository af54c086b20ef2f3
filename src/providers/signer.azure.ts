/** Signing for Azure: a key, a token that was given, or one that Microsoft Entra ID issues for an identity. */
import { createTokenCache } from "../lib/token-cache.ts";
import type { TokenCache } from "../lib/token-cache.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { Auth } from "../schema/provider-row.ts";
import { entraToken, managedToken, workloadToken } from "./signer.azure.tokens.ts";
import type { IssuedToken } from "./signer.azure.tokens.ts";
import type { Signer, SignRequest } from "./signer.ts";

/** What is first in this order counts: a token, a mode, a key. */
export const azureSigner =
  (tokens: TokenCache): Signer =>
  (request, auth) => {
    const given = request.option("azure_ad_token");
    if (given !== undefined) return bearer(request, given.replace(/^bearer\s+/i, ""));
    const mode = request.option("azure_auth_mode");
    if (mode === undefined) return key(request, auth);
    const { name, fetch } = tokenFor(mode, request);
    return tokens.get(name, fetch).then((token) => bearer(request, token));
  };

export const signAzure: Signer = azureSigner(createTokenCache({ now: () => Date.now() }));

const bearer = ({ headers }: SignRequest, token: string): void => {
  headers["authorization"] = `Bearer ${token}`;
};

const key = (request: SignRequest, auth: Auth): void => {
  const { credential, headers } = request;
  if (credential === undefined)
    throw new GatewayError(
      "missing_input",
      'No credential for Azure: send a key as "Authorization: Bearer <key>" or as api_key in the config, a token as x-portkey-azure-ad-token or azure_ad_token, or choose x-portkey-azure-auth-mode or azure_auth_mode',
      { param: "api_key" },
    );
  const name = auth.kind === "azure" ? auth.keyHeader : undefined;
  if (name === undefined) bearer(request, credential);
  else headers[name] = credential;
};

const tokenFor = (mode: string, request: SignRequest): IssuedToken => {
  switch (mode.trim().toLowerCase()) {
    case "entra":
      return entraToken(request, mayLend(request));
    case "managed":
      checkLending(request);
      return managedToken(request);
    case "workload":
      checkLending(request);
      return workloadToken(request);
    default:
      throw invalidRequest("azure_auth_mode", "must be entra, managed or workload");
  }
};

/** Hosts that Microsoft runs for every tenant: what is sent there, no tenant can read. */
const AZURE_HOSTS = [
  ".cognitiveservices.azure.com",
  ".cognitiveservices.azure.us",
  ".openai.azure.com",
  ".openai.azure.us",
  ".services.ai.azure.com",
  ".services.ai.azure.us",
];

/** Whether what the gateway itself is to Azure may go to where the call goes. */
const mayLend = ({ atHome, url }: SignRequest): boolean => {
  if (atHome) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" && AZURE_HOSTS.some((suffix) => hostname.endsWith(suffix));
};

const checkLending = (request: SignRequest): void => {
  if (mayLend(request)) return;
  throw new GatewayError(
    "host_not_allowed_for_key",
    "The gateway's own Azure identity only goes to Azure's hosts: send a key or a token of your own",
    { param: "azure_auth_mode" },
  );
};
