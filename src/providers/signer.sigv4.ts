/**
 * Who calls AWS: keys that were sent, a role that they may assume, a Bedrock API key, or the gateway itself.
 *
 * The gateway's own credentials only ever sign for the provider's own host.
 */
import { isHostLabel } from "../lib/egress.ts";
import type { TokenCache } from "../lib/token-cache.ts";
import { createTokenCache } from "../lib/token-cache.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { Auth } from "../schema/provider-row.ts";
import type { TemporaryCredentials } from "./signer.sigv4.credentials.ts";
import { cached, ownCredentials } from "./signer.sigv4.credentials.ts";
import type { AwsCredentials, AwsScope } from "./signer.sigv4.signature.ts";
import { signAws } from "./signer.sigv4.signature.ts";
import type { Role, TokenService } from "./signer.sigv4.sts.ts";
import { assumeRole, assumeRoleWithToken } from "./signer.sigv4.sts.ts";
import type { Signer, SignRequest } from "./signer.ts";

/** A signer with a memory of its own for credentials that end. */
export const createSigv4 = (now: () => number = Date.now): Signer => {
  const cache = createTokenCache({ now });
  return (request, auth) => sign(request, auth, cache);
};

const sign = (request: SignRequest, auth: Auth, cache: TokenCache): void | Promise<void> => {
  const { option, credential, headers } = request;
  const service = option("aws_service") ?? (auth.kind === "sigv4" ? auth.service : "");
  const scope = { region: regionOf(request), service };
  const finish = (credentials: AwsCredentials): void => signAws(request, credentials, scope, request.now());
  const roleArn = option("aws_role_arn");
  const type = option("aws_auth_type");
  if (type === "apiKey") return bearer(headers, credential);
  const sent = sentKeys(request);
  if (type === "assumedRole" || (roleArn !== undefined && sent === undefined))
    return assumed(request, scope, cache, sent).then(finish);
  if (sent !== undefined) return finish(sent);
  // A Bedrock API key: docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html
  if (service === BEDROCK && credential !== undefined) return bearer(headers, credential);
  return gatewaysOwn(request, scope, cache).then(finish);
};

/** Bedrock's endpoints sign as `bedrock`, that of the runtime too; of AWS's services here only it has API keys. */
const BEDROCK = "bedrock";

const bearer = (headers: Record<string, string>, credential: string | undefined): void => {
  if (credential === undefined)
    throw new GatewayError(
      "missing_credential",
      'No Bedrock API key: send it as "Authorization: Bearer <key>", or as api_key in the config',
    );
  headers["authorization"] = `Bearer ${credential}`;
};

const sentKeys = ({ option }: SignRequest): AwsCredentials | undefined => {
  const accessKeyId = option("aws_access_key_id");
  const secretAccessKey = option("aws_secret_access_key");
  const sessionToken = option("aws_session_token");
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined) throw missing("aws_access_key_id");
  if (secretAccessKey === undefined) throw missing("aws_secret_access_key");
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
};

const missing = (option: string): GatewayError =>
  new GatewayError(
    "missing_input",
    `AWS needs ${option}: send x-portkey-${option.replaceAll("_", "-")}, or ${option} in the config`,
    { param: option },
  );

/** The region of the host where it tells one: a VPC endpoint is signed for as what it is. */
const regionOf = ({ option, url, environment }: SignRequest): string => {
  const region =
    option("aws_region") ??
    HOST_REGION.exec(new URL(url).hostname)?.[1] ??
    (environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || "us-east-1");
  if (isHostLabel(region)) return region;
  throw invalidRequest("aws_region", "must be one label of a host name");
};

const HOST_REGION = /\.([a-z]{2}(?:-[a-z]+)+-\d+)\./;

const assumed = async (
  request: SignRequest,
  scope: AwsScope,
  cache: TokenCache,
  sent: AwsCredentials | undefined,
): Promise<AwsCredentials> => {
  const arn = request.option("aws_role_arn");
  if (arn === undefined) throw missing("aws_role_arn");
  const service = tokenService(request, scope);
  const source = sent ?? (await sourceCredentials(request, scope, cache));
  return assumedFrom(cache, service, { arn, externalId: request.option("aws_external_id") }, source);
};

const assumedFrom = (
  cache: TokenCache,
  service: TokenService,
  role: Role,
  source: AwsCredentials,
): Promise<AwsCredentials> =>
  cached(cache, keyOf(service, role, source), () => assumeRole(service, role, source));

/** Whoever presents other keys, or another external id, is not given what these were. */
const keyOf = ({ region, domain }: TokenService, role: Role, source: AwsCredentials): string =>
  new Bun.CryptoHasher("sha256").update(JSON.stringify([region, domain, role, source])).digest("hex");

/**
 * Who the gateway is when it assumes a caller's role: its own credentials, or those of variables that are
 * only for this; first as a role in between where one is named.
 */
const sourceCredentials = async (
  request: SignRequest,
  scope: AwsScope,
  cache: TokenCache,
): Promise<AwsCredentials> => {
  const { environment, atHome } = request;
  const {
    AWS_ASSUME_ROLE_ACCESS_KEY_ID: accessKeyId,
    AWS_ASSUME_ROLE_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ASSUME_ROLE_SOURCE_ARN: arn,
    AWS_ASSUME_ROLE_SOURCE_EXTERNAL_ID: externalId,
  } = environment;
  const own =
    atHome && accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey }
      : await gatewaysOwn(request, scope, cache);
  if (!arn) return own;
  return assumedFrom(cache, tokenService(request, scope), { arn, externalId: externalId || undefined }, own);
};

const gatewaysOwn = async (
  request: SignRequest,
  scope: AwsScope,
  cache: TokenCache,
): Promise<AwsCredentials> => {
  const { environment, fetch, atHome } = request;
  if (!atHome) throw missing("aws_access_key_id");
  const assumeWithToken = (roleArn: string, token: string): Promise<TemporaryCredentials> =>
    assumeRoleWithToken(tokenService(request, scope), roleArn, token);
  const own = await ownCredentials({ environment, call: fetch, cache, assumeWithToken }).catch(unfound);
  if (own === undefined) throw missing("aws_access_key_id");
  return own;
};

/** A file or an endpoint that the environment names, and that does not answer as it should. */
const unfound = (error: unknown): never => {
  if (error instanceof GatewayError) throw error;
  throw new GatewayError(
    "missing_credential",
    "Cannot get the gateway's AWS credentials: the file or endpoint that its environment names gives none",
    { cause: error },
  );
};

const tokenService = ({ environment, fetch, now }: SignRequest, { region }: AwsScope): TokenService => ({
  region,
  domain: environment["AWS_ENDPOINT_DOMAIN"]?.trim() || "amazonaws.com",
  call: fetch,
  now,
});
