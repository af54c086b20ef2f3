/**
 * AWS credentials of the gateway itself, looked for where AWS's own clients look
 * (docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html): the environment, a web
 * identity (EKS), the container's role (ECS, EKS Pod Identity), the instance's role (EC2).
 */
import type { HttpResponse } from "../lib/http.ts";
import type { TokenCache } from "../lib/token-cache.ts";
import { isObject, isString } from "../schema/json.ts";
import type { TokenFetch } from "./signer.ts";
import type { AwsCredentials } from "./signer.sigv4.signature.ts";

/** Credentials that end, as a token: their JSON and when they do. */
export interface TemporaryCredentials extends AwsCredentials {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface Finder {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly call: TokenFetch;
  readonly cache: TokenCache;
  /** Credentials for a role that a token in a file proves. */
  readonly assumeWithToken: (roleArn: string, token: string) => Promise<TemporaryCredentials>;
}

/** The gateway's own credentials, or undefined where it has none. */
export const ownCredentials = async (finder: Finder): Promise<AwsCredentials | undefined> =>
  fromEnvironment(finder.environment) ??
  (await fromWebIdentity(finder)) ??
  (await fromContainer(finder)) ??
  fromInstance(finder);

/** Credentials out of the cache, or fetched and kept until shortly before they end. */
export const cached = async (
  cache: TokenCache,
  key: string,
  fetchCredentials: () => Promise<TemporaryCredentials>,
): Promise<AwsCredentials> => {
  const json = await cache.get(key, async () => {
    const { expiresAt, ...credentials } = await fetchCredentials();
    return { value: JSON.stringify(credentials), expiresAt };
  });
  return JSON.parse(json) as AwsCredentials; // written three lines above
};

const fromEnvironment = (environment: Finder["environment"]): AwsCredentials | undefined => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
};

const fromWebIdentity = async (finder: Finder): Promise<AwsCredentials | undefined> => {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: roleArn } = finder.environment;
  if (!file || !roleArn) return undefined;
  return cached(finder.cache, `web identity ${roleArn} ${file}`, async () =>
    finder.assumeWithToken(roleArn, (await Bun.file(file).text()).trim()),
  );
};

/** Where containers of ECS find their role. */
const CONTAINER_HOST = "http://169.254.170.2";

const fromContainer = async (finder: Finder): Promise<AwsCredentials | undefined> => {
  const { environment, call, cache } = finder;
  const relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const url = relative ? CONTAINER_HOST + relative : environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!url) return undefined;
  return cached(cache, `container ${url}`, async () => {
    const token = await containerToken(environment);
    const headers = token === undefined ? {} : { authorization: token };
    return readCredentials(await call(url, { method: "GET", headers: { ...PLAIN, ...headers } }));
  });
};

const containerToken = async (environment: Finder["environment"]): Promise<string | undefined> => {
  const file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  if (file) return (await Bun.file(file).text()).trim();
  return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] || undefined;
};

const INSTANCE_HOST = "http://169.254.169.254";
/** Elsewhere than on EC2 nobody answers there. */
const INSTANCE_TIMEOUT_MS = 1000;
const TOKEN_SECONDS = "21600";
const ROLES = "/latest/meta-data/iam/security-credentials/";

/** Version 2 of the instance's metadata: docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
const fromInstance = async ({ environment, call, cache }: Finder): Promise<AwsCredentials | undefined> => {
  if (environment["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") return undefined;
  const host = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"]?.replace(/\/+$/, "") || INSTANCE_HOST;
  const ask = async (method: string, path: string, headers: Readonly<Record<string, string>>) => {
    const signal = AbortSignal.timeout(INSTANCE_TIMEOUT_MS);
    return answered(await call(host + path, { method, headers: { ...PLAIN, ...headers }, signal }));
  };
  try {
    return await cached(cache, `instance ${host}`, async () => {
      const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_SECONDS };
      const token = { "x-aws-ec2-metadata-token": await (await ask("PUT", "/latest/api/token", ttl)).text() };
      const [role = ""] = (await (await ask("GET", ROLES, token)).text()).split("\n");
      return readCredentials(await ask("GET", ROLES + role.trim(), token));
    });
  } catch {
    return undefined; // no instance, or one without a role: the caller says what else can be done
  }
};

const PLAIN = Object.freeze({ "accept-encoding": "identity" });

const answered = (response: HttpResponse): HttpResponse => {
  if (response.ok) return response;
  throw new Error(`The answer has status ${response.status}`);
};

/** What containers and instances answer. */
const readCredentials = async (response: HttpResponse): Promise<TemporaryCredentials> => {
  const body: unknown = await answered(response).json();
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = isObject(body) ? body : {};
  if (!isString(AccessKeyId) || !isString(SecretAccessKey))
    throw new Error("The answer holds no credentials");
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(isString(Token) ? { sessionToken: Token } : {}),
    expiresAt: isString(Expiration) ? Date.parse(Expiration) : Number.POSITIVE_INFINITY,
  };
};
