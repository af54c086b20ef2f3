/** Who a call to AWS is signed for. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sign } from "../../src/providers/auth.ts";
import { createSigv4 } from "../../src/providers/signer.sigv4.ts";
import type { SignRequest, TokenFetch } from "../../src/providers/signer.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { Auth } from "../../src/schema/provider-row.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const BEDROCK: Auth = { kind: "sigv4", service: "bedrock" };
const SENT = { aws_access_key_id: "AKIASENT", aws_secret_access_key: "secret" };
const OWN = { AWS_ACCESS_KEY_ID: "AKIAOWN", AWS_SECRET_ACCESS_KEY: "own", AWS_SESSION_TOKEN: "own-token" };
const ROLE = "arn:aws:iam::123456789012:role/caller";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Scene {
  readonly options?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly credential?: string;
  readonly atHome?: boolean;
  readonly url?: string;
  readonly auth?: Auth;
  readonly answer?: (asked: Asked) => Response | Promise<Response>;
}

const NO_INSTANCE = { AWS_EC2_METADATA_DISABLED: "true" };

/** One signer, which remembers, and what was asked for on its way. */
const stage = () => {
  let time = NOW;
  const signer = createSigv4(() => time);
  const asked: Asked[] = [];
  const signed = async (scene: Scene): Promise<Record<string, string>> => {
    const headers: Record<string, string> = { "content-type": "application/json" };
    const fetch: TokenFetch = async (url, { method, headers: sent, body }) => {
      const call = { method, url, headers: sent, body };
      asked.push(call);
      return scene.answer?.(call) ?? new Response("", { status: 404 });
    };
    const request: SignRequest = {
      method: "POST",
      url: scene.url ?? "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse",
      headers,
      body: "{}",
      credential: scene.credential,
      option: (name) => scene.options?.[name],
      object: () => undefined,
      atHome: scene.atHome ?? true,
      environment: scene.environment ?? NO_INSTANCE,
      fetch,
      now: () => time,
    };
    await signer(request, scene.auth ?? BEDROCK);
    return headers;
  };
  return { asked, signed, pass: (ms: number) => (time += ms) };
};

const signed = (scene: Scene): Promise<Record<string, string>> => stage().signed(scene);
const scopeOf = (headers: Record<string, string>): string =>
  /Credential=([^,]+),/.exec(headers["authorization"] ?? "")?.[1] ?? "";
const failure = async (promise: Promise<unknown>): Promise<GatewayError> => {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof GatewayError) return error;
  throw new Error(`Expected a refusal, got ${String(error)}`);
};

const sts = (accessKeyId: string, minutes = 60): Response =>
  new Response(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>s+/</SecretAccessKey><SessionToken>token==</SessionToken>` +
      `<Expiration>${new Date(NOW + minutes * 60_000).toISOString()}</Expiration>` +
      `</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );

describe("keys that were sent", () => {
  test("sign, whatever the gateway has", async () => {
    const headers = await signed({ options: SENT, environment: OWN, credential: "unused" });
    expect(scopeOf(headers)).toBe("AKIASENT/20261121/us-east-1/bedrock/aws4_request");
    expect(headers["x-amz-security-token"]).toBeUndefined();
  });

  test("sign for any host, with their session's token", async () => {
    const options = { ...SENT, aws_session_token: "t", aws_region: "eu-central-1" };
    const headers = await signed({ options, atHome: false, url: "http://127.0.0.1:9/model/m/converse" });
    expect(scopeOf(headers)).toBe("AKIASENT/20261121/eu-central-1/bedrock/aws4_request");
    expect(headers["x-amz-security-token"]).toBe("t");
  });

  test("sign at once: nothing is waited for", () => {
    const headers: Record<string, string> = {};
    const option = (name: string): string | undefined => ({ ...SENT })[name as keyof typeof SENT];
    const done = sign(BEDROCK, {
      method: "POST",
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/",
      headers,
      body: "{}",
      credential: undefined,
      option,
      object: () => undefined,
      atHome: true,
      environment: {},
      fetch: () => Promise.reject(new Error("Nothing is to be fetched")),
      now: () => NOW,
    });
    expect(done).toBeUndefined();
    expect(headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 ");
  });

  test.each(["aws_access_key_id", "aws_secret_access_key"] as const)("want %s too", async (name) => {
    const { [name]: _, ...options } = SENT;
    expect(await failure(signed({ options }))).toMatchObject({ code: "missing_input", param: name });
  });

  test("may be for another service", async () => {
    const headers = await signed({ options: { ...SENT, aws_service: "execute-api" } });
    expect(scopeOf(headers)).toEndWith("/us-east-1/execute-api/aws4_request");
  });
});

describe("a region", () => {
  const regions: readonly (readonly [string, Scene, string])[] = [
    ["is the option's", { options: { ...SENT, aws_region: "ap-south-1" } }, "ap-south-1"],
    [
      "is its host's",
      { options: SENT, url: "https://bedrock-runtime.us-gov-west-1.amazonaws.com/x" },
      "us-gov-west-1",
    ],
    [
      "is a VPC endpoint's",
      { options: SENT, url: "https://vpce-0-a.bedrock-runtime.eu-west-3.vpce.amazonaws.com/" },
      "eu-west-3",
    ],
    [
      "is the gateway's",
      { options: SENT, url: "http://proxy.example/x", environment: { AWS_REGION: "ca-central-1" } },
      "ca-central-1",
    ],
    ["is us-east-1 where nothing says", { options: SENT, url: "http://proxy.example/x" }, "us-east-1"],
  ];
  test.each(regions)("%s", async (_name, scene, region) => {
    expect(scopeOf(await signed(scene)).split("/")[2]).toBe(region);
  });

  test("is a label: it names a host", async () => {
    const options = { aws_role_arn: ROLE, ...SENT, aws_region: "x.evil.example/" };
    expect(await failure(signed({ options }))).toMatchObject({ status: 400, param: "aws_region" });
  });
});

describe("a Bedrock API key", () => {
  test("is a bearer token", async () => {
    expect((await signed({ credential: "bedrock-api-key-1", atHome: false }))["authorization"]).toBe(
      "Bearer bedrock-api-key-1",
    );
  });

  test("goes before keys where it is asked for", async () => {
    const headers = await signed({ options: { ...SENT, aws_auth_type: "apiKey" }, credential: "k" });
    expect(headers["authorization"]).toBe("Bearer k");
    const missing = signed({ options: { aws_auth_type: "apiKey" } });
    expect(await failure(missing)).toMatchObject({ code: "missing_credential" });
  });

  test("is none of SageMaker's", async () => {
    const auth: Auth = { kind: "sigv4", service: "sagemaker" };
    const headers = await signed({ auth, credential: "k", environment: OWN });
    expect(scopeOf(headers)).toBe("AKIAOWN/20261121/us-east-1/sagemaker/aws4_request");
  });
});

describe("the gateway's own credentials", () => {
  test("are the environment's first", async () => {
    const headers = await signed({ environment: OWN });
    expect(scopeOf(headers)).toStartWith("AKIAOWN/");
    expect(headers["x-amz-security-token"]).toBe("own-token");
  });

  test("never sign for a host of the caller's", async () => {
    for (const options of [
      {},
      { aws_role_arn: ROLE },
      { aws_auth_type: "assumedRole", aws_role_arn: ROLE },
    ]) {
      const { signed: tried, asked } = stage();
      const environment = {
        ...OWN,
        AWS_ASSUME_ROLE_ACCESS_KEY_ID: "AKIASOURCE",
        AWS_ASSUME_ROLE_SECRET_ACCESS_KEY: "s",
      };
      const refusal = await failure(
        tried({ environment, options, atHome: false, answer: () => sts("ASIA") }),
      );
      expect(refusal).toMatchObject({ code: "missing_input", param: "aws_access_key_id" });
      expect(asked).toEqual([]);
    }
  });

  test("may be those that a token in a file proves", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-test-"));
    const file = join(folder, "token");
    writeFileSync(file, "eyJ0\n");
    const { signed: sign, asked } = stage();
    const environment = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE };
    const headers = await sign({ environment, answer: () => sts("ASIAWEB") });
    rmSync(folder, { recursive: true });
    expect(scopeOf(headers)).toStartWith("ASIAWEB/");
    expect(asked[0]?.url).toBe("https://sts.us-east-1.amazonaws.com/");
    expect(asked[0]?.headers["authorization"]).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: ROLE,
      WebIdentityToken: "eyJ0",
      Version: "2011-06-15",
      RoleSessionName: "turnpike",
    });
  });

  const metadata = (accessKeyId: string, minutes = 60): Response =>
    Response.json({
      AccessKeyId: accessKeyId,
      SecretAccessKey: "s",
      Token: "t",
      Expiration: new Date(NOW + minutes * 60_000).toISOString(),
    });

  test("may be the container's", async () => {
    const { signed: sign, asked } = stage();
    const environment = {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer inside",
    };
    expect(scopeOf(await sign({ environment, answer: () => metadata("ASIAECS") }))).toStartWith("ASIAECS/");
    expect(asked).toMatchObject([
      { url: "http://169.254.170.2/v2/credentials/1", headers: { authorization: "Bearer inside" } },
    ]);
  });

  test("may be the instance's", async () => {
    const { signed: sign, asked, pass } = stage();
    const answer = ({ url, method, headers }: Asked): Response => {
      if (method === "PUT") return new Response("imds-token");
      if (headers["x-aws-ec2-metadata-token"] !== "imds-token") return new Response("", { status: 401 });
      return url.endsWith("/security-credentials/") ? new Response("my-role\n") : metadata("ASIAEC2", 10);
    };
    const scene = { environment: {}, answer };
    expect(scopeOf(await sign(scene))).toStartWith("ASIAEC2/");
    await sign(scene);
    expect(asked.map(({ url }) => url)).toEqual([
      "http://169.254.169.254/latest/api/token",
      "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
      "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role",
    ]);
    pass(10 * 60_000);
    await sign(scene);
    expect(asked).toHaveLength(6);
  });

  test("are asked for where there are none", async () => {
    const refusal = await failure(signed({ environment: {} }));
    expect(refusal.message).toBe(
      "AWS needs aws_access_key_id: send x-portkey-aws-access-key-id, or aws_access_key_id in the config",
    );
    expect(await failure(signed({ environment: NO_INSTANCE }))).toMatchObject({ code: "missing_input" });
  });

  test("are missed aloud where the environment promises them", async () => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/x" };
    expect(await failure(signed({ environment }))).toMatchObject({ code: "missing_credential", status: 401 });
  });
});

describe("a role", () => {
  const options = { ...SENT, aws_role_arn: ROLE, aws_external_id: "e-1", aws_auth_type: "assumedRole" };

  test("is assumed with the keys that were sent, in the region", async () => {
    const { signed: sign, asked } = stage();
    const scene = {
      options: { ...options, aws_region: "eu-west-1" },
      atHome: false,
      answer: () => sts("ASIAROLE"),
    };
    const headers = await sign(scene);
    expect(scopeOf(headers)).toBe("ASIAROLE/20261121/eu-west-1/bedrock/aws4_request");
    expect(headers["x-amz-security-token"]).toBe("token==");
    expect(asked[0]?.url).toBe("https://sts.eu-west-1.amazonaws.com/");
    expect(asked[0]?.headers["authorization"]).toContain("AKIASENT/20261121/eu-west-1/sts/aws4_request");
    expect(new URLSearchParams(asked[0]?.body).get("ExternalId")).toBe("e-1");
  });

  test("is assumed once for many, and again when it ends", async () => {
    const { signed: sign, asked, pass } = stage();
    const scene = { options, answer: () => sts("ASIAROLE") };
    await Promise.all([sign(scene), sign(scene), sign(scene)]);
    expect(asked).toHaveLength(1);
    pass(59 * 60_000 + 1);
    await sign(scene);
    expect(asked).toHaveLength(2);
  });

  test("is not lent to who presents other keys or another external id", async () => {
    const { signed: sign, asked } = stage();
    const answer = (): Response => sts("ASIAROLE");
    await sign({ options, answer });
    await sign({ options: { ...options, aws_external_id: "e-2" }, answer });
    await sign({ options: { ...options, aws_secret_access_key: "guessed" }, answer });
    expect(asked).toHaveLength(3);
  });

  test("is assumed by the gateway where only the role was sent, through the role in between", async () => {
    const { signed: sign, asked } = stage();
    const environment = {
      AWS_ASSUME_ROLE_ACCESS_KEY_ID: "AKIASOURCE",
      AWS_ASSUME_ROLE_SECRET_ACCESS_KEY: "s",
      AWS_ASSUME_ROLE_SOURCE_ARN: "arn:aws:iam::1:role/between",
      AWS_ENDPOINT_DOMAIN: "amazonaws.com.cn",
    };
    const answer = ({ body }: Asked): Response =>
      sts(new URLSearchParams(body).get("RoleArn") === ROLE ? "ASIALAST" : "ASIABETWEEN");
    const headers = await sign({ options: { aws_role_arn: ROLE }, environment, answer });
    expect(scopeOf(headers)).toStartWith("ASIALAST/");
    expect(asked.map(({ url }) => url)).toEqual(Array(2).fill("https://sts.us-east-1.amazonaws.com.cn/"));
    expect(asked.map(({ headers }) => headers["authorization"])).toEqual([
      expect.stringContaining("AKIASOURCE/"),
      expect.stringContaining("ASIABETWEEN/"),
    ]);
  });

  test("that is refused says why", async () => {
    const answer = (): Response =>
      new Response(
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>",
        { status: 403 },
      );
    expect(await failure(signed({ options, answer }))).toMatchObject({
      status: 401,
      message: `Cannot assume ${ROLE}: not authorized`,
      param: "aws_role_arn",
    });
    for (const body of [
      "<html>",
      "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>",
    ])
      expect((await failure(signed({ options, answer: () => new Response(body) }))).message).toContain(
        "the answer",
      );
  });

  test("has a name", async () => {
    expect(await failure(signed({ options: { aws_auth_type: "assumedRole" } }))).toMatchObject({
      param: "aws_role_arn",
    });
  });
});
