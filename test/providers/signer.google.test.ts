/** Google's signer: which credential proves the caller, and which token stands for it. */
import { beforeAll, describe, expect, test } from "bun:test";
import { exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import { createTokenCache } from "../../src/lib/token-cache.ts";
import { googleSigner } from "../../src/providers/signer.google.ts";
import type { SignRequest } from "../../src/providers/signer.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import { caught } from "../lib/caught.ts";

const NOW = 1_790_000_000_000;
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let account: Record<string, unknown>;
beforeAll(async () => {
  keys = await generateKeyPair("RS256", { extractable: true });
  account = {
    type: "service_account",
    project_id: "sea",
    private_key_id: "key-1",
    private_key: await exportPKCS8(keys.privateKey),
    client_email: "boat@sea.iam.gserviceaccount.com",
    token_uri: "https://oauth2.googleapis.com/token",
  };
});

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface World {
  readonly credential?: string;
  readonly object?: Readonly<Record<string, unknown>>;
  readonly atHome?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly answers?: readonly (Response | Error)[];
}

const setUp = () => {
  const clock = { now: NOW };
  const sent: Sent[] = [];
  const files: Record<string, string> = {};
  const signer = googleSigner({
    tokens: createTokenCache({ now: () => clock.now }),
    readText: async (path) => files[path],
  });
  const sign = async (world: World): Promise<Record<string, string>> => {
    const answers = [...(world.answers ?? [])];
    Object.assign(files, world.files);
    const headers: Record<string, string> = {};
    const request: SignRequest = {
      method: "POST",
      url: "https://us-central1-aiplatform.googleapis.com/v1",
      headers,
      body: null,
      credential: world.credential,
      option: () => undefined,
      object: () => world.object,
      atHome: world.atHome ?? true,
      environment: world.environment ?? {},
      fetch: async (url, init) => {
        sent.push({ url, ...init });
        const answer = answers.shift();
        if (answer instanceof Response) return answer;
        throw answer ?? new Error("Nobody answers");
      },
      now: () => clock.now,
    };
    await signer(request, { kind: "google" });
    return headers;
  };
  return { clock, sent, sign };
};

const token = (value: string) =>
  Response.json({ access_token: value, expires_in: 3600, token_type: "Bearer" });
const formOf = (sent: Sent | undefined) => Object.fromEntries(new URLSearchParams(sent?.body));

describe("what the request carries", () => {
  test.each([
    ["ya29.token", { authorization: "Bearer ya29.token" }],
    ["AIzaSyExample", { "x-goog-api-key": "AIzaSyExample" }],
    ["AQ.express", { "x-goog-api-key": "AQ.express" }],
  ])("%s goes into its header", async (credential, headers) => {
    const { sign, sent } = setUp();
    expect(await sign({ credential, atHome: false })).toEqual(headers);
    expect(sent).toEqual([]);
  });
});

describe("a service account", () => {
  test("is exchanged for a token that is kept", async () => {
    const { sign, sent, clock } = setUp();
    const world = { object: account, atHome: false };
    expect(await sign({ ...world, answers: [token("t1")] })).toEqual({ authorization: "Bearer t1" });
    expect(await sign(world)).toEqual({ authorization: "Bearer t1" });
    clock.now += 3_540_000;
    expect(await sign({ ...world, answers: [token("t2")] })).toEqual({ authorization: "Bearer t2" });
    expect(sent.map(({ url, method }) => `${method} ${url}`)).toEqual([
      "POST https://oauth2.googleapis.com/token",
      "POST https://oauth2.googleapis.com/token",
    ]);
  });

  test("signs what Google asks for", async () => {
    const { sign, sent } = setUp();
    await sign({ object: account, answers: [token("t")] });
    const form = formOf(sent[0]);
    expect(form["grant_type"]).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const { payload, protectedHeader } = await jwtVerify(form["assertion"] ?? "", keys.publicKey, {
      currentDate: new Date(NOW),
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    expect(payload).toEqual({
      iss: "boat@sea.iam.gserviceaccount.com",
      aud: "https://oauth2.googleapis.com/token",
      scope: SCOPE,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    });
  });

  test("may stand in the place of the key, with escaped line breaks", async () => {
    const { sign } = setUp();
    const escaped = { ...account, private_key: String(account["private_key"]).replaceAll("\n", "\\n") };
    const credential = JSON.stringify(escaped);
    expect(await sign({ credential, answers: [token("t")] })).toEqual({ authorization: "Bearer t" });
  });

  test("whose key differs has a token of its own", async () => {
    const { sign } = setUp();
    await sign({ object: account, answers: [token("t1")] });
    const other = { ...account, private_key: "stolen name, no key" };
    expect(await caught(sign({ object: other }))).toMatchObject({
      message: "vertex_service_account_json.private_key: must be a private key in PKCS #8",
    });
  });

  test.each([
    [{ token_uri: "http://169.254.169.254/token" }, "vertex_service_account_json.token_uri"],
    [{ token_uri: "https://oauth2.googleapis.com.evil.example/" }, "vertex_service_account_json.token_uri"],
    [{ type: "external_account" }, "vertex_service_account_json.type"],
    [{ client_email: "" }, "vertex_service_account_json.client_email"],
  ])("of a caller with %o is refused before anything is sent", async (change, param) => {
    const { sign, sent } = setUp();
    const error = await caught(sign({ object: { ...account, ...change } }));
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "invalid_request", param });
    expect(sent).toEqual([]);
  });

  test("that Google refuses is told", async () => {
    const { sign } = setUp();
    const refusal = { error: "invalid_grant", error_description: "Invalid JWT Signature." };
    expect(
      await caught(sign({ object: account, answers: [Response.json(refusal, { status: 400 })] })),
    ).toMatchObject({
      code: "missing_credential",
      message: "Cannot get a Google access token: invalid_grant: Invalid JWT Signature.",
    });
  });

  test.each([[new Response("down", { status: 503 })], [Response.json({})], [new Response("<html>")]])(
    "that gets no token is not sent on without one",
    async (answer) => {
      const { sign } = setUp();
      expect(await caught(sign({ object: account, answers: [answer] }))).toMatchObject({
        code: "upstream_unreachable",
      });
    },
  );
});

describe("the gateway's own credential", () => {
  const FILE = "/etc/adc.json";
  const environment = { GOOGLE_APPLICATION_CREDENTIALS: FILE };
  const own = (content: object) => ({ environment, files: { [FILE]: JSON.stringify(content) } });

  test("stays at home", async () => {
    const { sign, sent } = setUp();
    expect(await caught(sign({ ...own(account), atHome: false }))).toMatchObject({
      code: "missing_credential",
    });
    expect(sent).toEqual([]);
  });

  test("is a service account, at the place its file says", async () => {
    const { sign, sent } = setUp();
    const file = { ...account, token_uri: "https://oauth2.private.example/token" };
    expect(await sign({ ...own(file), answers: [token("t")] })).toEqual({ authorization: "Bearer t" });
    expect(sent[0]?.url).toBe("https://oauth2.private.example/token");
  });

  test("is a user's, in the place where gcloud leaves it", async () => {
    const { sign, sent } = setUp();
    const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
    const files = { "/home/me/.config/gcloud/application_default_credentials.json": JSON.stringify(user) };
    const headers = await sign({ environment: { HOME: "/home/me" }, files, answers: [token("t")] });
    expect(headers).toEqual({ authorization: "Bearer t" });
    expect(formOf(sent[0])).toEqual({
      grant_type: "refresh_token",
      client_id: "c",
      client_secret: "s",
      refresh_token: "r",
    });
  });

  const federated = {
    type: "external_account",
    audience: "//iam.googleapis.com/pool",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
  };

  test("is a federated identity, exchanged and then impersonating", async () => {
    const { sign, sent } = setUp();
    const url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b:generateAccessToken";
    const file = {
      ...federated,
      credential_source: { file: "/var/run/token" },
      service_account_impersonation_url: url,
    };
    const expireTime = new Date(NOW + 3_600_000).toISOString();
    const headers = await sign({
      environment,
      files: { [FILE]: JSON.stringify(file), "/var/run/token": "outside-token\n" },
      answers: [token("sts"), Response.json({ accessToken: "final", expireTime })],
    });
    expect(headers).toEqual({ authorization: "Bearer final" });
    expect(formOf(sent[0])).toMatchObject({
      audience: "//iam.googleapis.com/pool",
      subject_token: "outside-token",
      scope: SCOPE,
    });
    expect(sent[1]).toMatchObject({ url, headers: { authorization: "Bearer sts" } });
  });

  test("is a federated identity whose token is asked for", async () => {
    const { sign, sent } = setUp();
    const source = {
      url: "http://localhost:5000/token",
      headers: { metadata: "True" },
      format: { type: "json", subject_token_field_name: "id_token" },
    };
    const answers = [Response.json({ id_token: "outside" }), token("sts")];
    const headers = await sign({ ...own({ ...federated, credential_source: source }), answers });
    expect(headers).toEqual({ authorization: "Bearer sts" });
    expect(sent[0]).toMatchObject({ url: source.url, headers: { metadata: "True" } });
    expect(formOf(sent[1])["subject_token"]).toBe("outside");
  });

  test("is the machine's, away from any file", async () => {
    const { sign, sent } = setUp();
    expect(await sign({ answers: [token("t")] })).toEqual({ authorization: "Bearer t" });
    expect(sent[0]).toMatchObject({
      url: "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
      headers: { "metadata-flavor": "Google" },
    });
  });

  test("that there is none is told with what would help", async () => {
    const { sign } = setUp();
    expect(await caught(sign({}))).toMatchObject({
      code: "missing_credential",
      message: expect.stringContaining("or set GOOGLE_APPLICATION_CREDENTIALS where the gateway runs"),
    });
  });

  test.each([
    [{}, "there is no file /etc/adc.json"],
    [{ [FILE]: "no json" }, "/etc/adc.json is not JSON"],
    [{ [FILE]: '{"type":"gdch_service_account"}' }, 'its type "gdch_service_account" is not one'],
    [{ [FILE]: '{"type":"external_account"}' }, "it has no audience"],
    [
      {
        [FILE]: JSON.stringify({
          ...federated,
          credential_source: { environment_id: "aws1", url: "http://x" },
        }),
      },
      "its credential_source is neither a file nor a URL",
    ],
  ])("in %o cannot be used", async (files, reason) => {
    const { sign } = setUp();
    expect(await caught(sign({ environment, files }))).toMatchObject({
      code: "missing_credential",
      message: expect.stringContaining(reason),
    });
  });
});
