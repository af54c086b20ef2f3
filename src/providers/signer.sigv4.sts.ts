/** AWS's token service: credentials for a role, for who may assume it (docs.aws.amazon.com/STS/latest/APIReference/). */
import { GatewayError } from "../schema/errors.ts";
import type { TokenFetch } from "./signer.ts";
import type { TemporaryCredentials } from "./signer.sigv4.credentials.ts";
import type { AwsCredentials } from "./signer.sigv4.signature.ts";
import { signAws } from "./signer.sigv4.signature.ts";

export interface TokenService {
  readonly region: string;
  /** `amazonaws.com` outside of China. */
  readonly domain: string;
  readonly call: TokenFetch;
  readonly now: () => number;
}

export interface Role {
  readonly arn: string;
  readonly externalId: string | undefined;
}

export const assumeRole = (
  service: TokenService,
  role: Role,
  source: AwsCredentials,
): Promise<TemporaryCredentials> =>
  ask(
    service,
    {
      Action: "AssumeRole",
      RoleArn: role.arn,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    source,
  );

/** The token itself is the proof: such a request is not signed. */
export const assumeRoleWithToken = (
  service: TokenService,
  roleArn: string,
  token: string,
): Promise<TemporaryCredentials> =>
  ask(service, { Action: "AssumeRoleWithWebIdentity", RoleArn: roleArn, WebIdentityToken: token });

const ask = async (
  { region, domain, call, now }: TokenService,
  action: Readonly<Record<string, string>> & { readonly RoleArn: string },
  source?: AwsCredentials,
): Promise<TemporaryCredentials> => {
  const url = `https://sts.${region}.${domain}/`;
  const body = new URLSearchParams({
    ...action,
    Version: "2011-06-15",
    RoleSessionName: "turnpike",
  }).toString();
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "accept-encoding": "identity",
  };
  const request = { method: "POST", url, headers, body };
  if (source !== undefined) signAws(request, source, { region, service: "sts" }, now());
  const response = await call(url, { method: "POST", headers, body });
  const xml = await response.text();
  if (!response.ok) throw refused(action.RoleArn, element(xml, "Message") ?? `HTTP ${response.status}`);
  return readCredentials(action.RoleArn, xml);
};

const readCredentials = (roleArn: string, xml: string): TemporaryCredentials => {
  const accessKeyId = element(xml, "AccessKeyId");
  const secretAccessKey = element(xml, "SecretAccessKey");
  const sessionToken = element(xml, "SessionToken");
  const expiresAt = Date.parse(element(xml, "Expiration") ?? "");
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw refused(roleArn, "the answer holds no credentials");
  if (Number.isNaN(expiresAt)) throw refused(roleArn, "the answer does not say how long they hold");
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt };
};

const refused = (roleArn: string, reason: string): GatewayError =>
  new GatewayError("missing_credential", `Cannot assume ${roleArn}: ${reason}`, { param: "aws_role_arn" });

/** The answers are flat: every element that is read here stands once, with text alone. */
const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
