import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTokenCache } from "../../src/lib/token-cache.ts";
import { azureSigner } from "../../src/providers/signer.azure.ts";
import type { SignRequest, TokenFetch } from "../../src/providers/signer.ts";
import type { Auth } from "../../src/schema/provider-row.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import { caught } from "../lib/caught.ts";

/** A token endpoint on this machine; it remembers what it was asked and answers as told. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly form: URLSearchParams;
}

let asked: Asked[] = [];
let answer: (count: number) => Response;
let server: ReturnType<typeof Bun.serve>;
const folder = mkdtempSync(join(tmpdir(), "turnpike-azure-"));

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, form: new URLSearchParams(await request.text()) });
      return answer(asked.length);
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

const local = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

interface Setting {
  readonly options?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly credential?: string;
  readonly atHome?: boolean;
  readonly url?: string;
  readonly fetch?: TokenFetch;
}

const NOW = 1_790_000_000_000;

const requestOf = (setting: Setting): SignRequest => ({
  method: "POST",
  url: setting.url ?? "https://res.openai.azure.com/openai/x",
  headers: {},
  body: null,
  credential: setting.credential,
  option: (name) => setting.options?.[name],
  object: () => undefined,
  atHome: setting.atHome ?? true,
  environment: setting.environment ?? {},
  fetch: setting.fetch ?? ((url, init) => fetch(url, init)),
  now: () => NOW,
});

const setUp = () => {
  asked = [];
  answer = (count) => Response.json({ access_token: `token-${count}`, expires_in: 3600 });
  const clock = { now: NOW };
  const sign = azureSigner(createTokenCache({ now: () => clock.now }));
  const signed = async (setting: Setting, auth: Auth = { kind: "azure", keyHeader: "api-key" }) => {
    const request = requestOf(setting);
    await sign(request, auth);
    return request.headers;
  };
  return { clock, signed };
};

const ENTRA = {
  azure_auth_mode: "entra",
  azure_entra_tenant_id: "tenant-1",
  azure_entra_client_id: "client-1",
  azure_entra_client_secret: "s&cret",
};

describe("a credential that was given", () => {
  test("is a key in the row's header", async () => {
    expect(await setUp().signed({ credential: "k" })).toEqual({ "api-key": "k" });
  });

  test("is a bearer token where the row names no header", async () => {
    expect(await setUp().signed({ credential: "k" }, { kind: "azure" })).toEqual({
      authorization: "Bearer k",
    });
  });

  test("gives way to a token", async () => {
    const options = { azure_ad_token: "Bearer t" };
    expect(await setUp().signed({ credential: "k", options })).toEqual({ authorization: "Bearer t" });
  });

  test("is asked for when there is none", async () => {
    const error = await caught(setUp().signed({}));
    expect(error).toMatchObject({ code: "missing_input", param: "api_key" });
  });
});

describe("entra", () => {
  const at = () => ({ AZURE_AUTHORITY_HOST: local("/") });

  test("exchanges the client's secret for a token", async () => {
    const { signed } = setUp();
    expect(await signed({ credential: "k", options: ENTRA, environment: at() })).toEqual({
      authorization: "Bearer token-1",
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe(local("/tenant-1/oauth2/v2.0/token"));
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      client_id: "client-1",
      client_secret: "s&cret",
      scope: "https://cognitiveservices.azure.com/.default",
    });
  });

  test("asks Microsoft's public cloud unless the operator names another", async () => {
    const urls: string[] = [];
    const fetch: TokenFetch = async (url) => {
      urls.push(url);
      return Response.json({ access_token: "t", expires_in: 60 });
    };
    await setUp().signed({ options: ENTRA, fetch });
    expect(urls).toEqual(["https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token"]);
  });

  test("keeps a token for the same client and scope until it is about to end", async () => {
    const { clock, signed } = setUp();
    const environment = at();
    await Promise.all([signed({ options: ENTRA, environment }), signed({ options: ENTRA, environment })]);
    expect(asked).toHaveLength(1);
    const other = { ...ENTRA, azure_entra_scope: "https://ai.azure.com/.default" };
    expect(await signed({ options: other, environment })).toEqual({ authorization: "Bearer token-2" });
    const wrong = { ...ENTRA, azure_entra_client_secret: "guess" };
    expect(await signed({ options: wrong, environment })).toEqual({ authorization: "Bearer token-3" });
    clock.now += 3_600_000;
    expect(await signed({ options: ENTRA, environment })).toEqual({ authorization: "Bearer token-4" });
  });

  test.each(["azure_entra_tenant_id", "azure_entra_client_id", "azure_entra_client_secret"])(
    "names %p when it is missing",
    async (missing) => {
      const options = Object.fromEntries(Object.entries(ENTRA).filter(([name]) => name !== missing));
      const environment = { AZURE_TENANT_ID: "own", AZURE_CLIENT_ID: "own", AZURE_CLIENT_SECRET: "own" };
      const error = await caught(setUp().signed({ options, environment }));
      expect(error).toMatchObject({ code: "missing_input", param: missing });
    },
  );

  test("is the gateway's own application when the call names none", async () => {
    const { signed } = setUp();
    const environment = { ...at(), AZURE_TENANT_ID: "own", AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "x" };
    await signed({ options: { azure_auth_mode: "entra" }, environment });
    expect(asked[0]?.form.get("client_id")).toBe("app");
    const elsewhere = { atHome: false, url: "https://evil.example/x" };
    const error = await caught(signed({ options: { azure_auth_mode: "entra" }, environment, ...elsewhere }));
    expect(error).toMatchObject({ code: "missing_input" });
  });

  test("does not take a path for a tenant", async () => {
    const options = { ...ENTRA, azure_entra_tenant_id: "a/../b" };
    const error = await caught(setUp().signed({ options }));
    expect(error).toMatchObject({ code: "invalid_request", param: "azure_entra_tenant_id" });
  });

  test("tells why there is no token, and tries again", async () => {
    const { signed } = setUp();
    const environment = at();
    answer = () =>
      Response.json(
        {
          error: "invalid_client",
          error_description: "AADSTS7000215: Invalid client secret.\r\nTrace ID: 1",
        },
        { status: 401 },
      );
    const error = await caught(signed({ options: ENTRA, environment }));
    expect(error).toMatchObject({
      code: "token_refused",
      status: 401,
      message: "Cannot get a token for Azure from 127.0.0.1: AADSTS7000215: Invalid client secret.",
    });
    answer = () => new Response("busy", { status: 503 });
    const later = await caught(signed({ options: ENTRA, environment }));
    expect(later).toMatchObject({ code: "upstream_unreachable", status: 502 });
    answer = () => Response.json({ access_token: "t", expires_in: "60" });
    expect(await signed({ options: ENTRA, environment })).toEqual({ authorization: "Bearer t" });
  });

  test("takes no answer without a token for one", async () => {
    const { signed } = setUp();
    answer = () => Response.json({});
    const error = await caught(signed({ options: ENTRA, environment: at() }));
    expect(error).toBeInstanceOf(GatewayError);
  });
});

describe("managed", () => {
  const managed = { azure_auth_mode: "managed" };

  test("asks the machine's metadata service", async () => {
    const calls: unknown[] = [];
    const fetch: TokenFetch = async (url, init) => {
      calls.push([url, init.method, init.headers["metadata"]]);
      return Response.json({ access_token: "t", expires_in: "86399" });
    };
    const options = { ...managed, azure_managed_client_id: "mine" };
    expect(await setUp().signed({ options, fetch })).toEqual({ authorization: "Bearer t" });
    expect(calls).toEqual([
      [
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine",
        "GET",
        "true",
      ],
    ]);
  });

  test("asks the app service where it runs on one", async () => {
    const { clock, signed } = setUp();
    answer = (count) =>
      Response.json({ access_token: `t${count}`, expires_on: String((NOW + 3_600_000) / 1000) });
    const environment = { IDENTITY_ENDPOINT: local("/msi/token"), IDENTITY_HEADER: "h" };
    expect(await signed({ options: managed, environment })).toEqual({ authorization: "Bearer t1" });
    clock.now += 1_800_000;
    expect(await signed({ options: managed, environment })).toEqual({ authorization: "Bearer t1" });
    expect(asked[0]?.headers.get("x-identity-header")).toBe("h");
    expect(asked[0]?.url).toBe(
      local("/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com"),
    );
  });

  test.each([
    ["https://res.services.ai.azure.com/models/chat/completions", true],
    ["http://res.services.ai.azure.com/models/chat/completions", false],
    ["https://evil.example/?.openai.azure.com", false],
    ["https://openai.azure.com.evil.example/x", false],
  ])("is lent to %p: %p", async (url, isLent) => {
    const fetch: TokenFetch = async () => Response.json({ access_token: "t", expires_in: 60 });
    const signing = setUp().signed({ options: managed, fetch, atHome: false, url });
    if (isLent) expect(await signing).toEqual({ authorization: "Bearer t" });
    else expect(await caught(signing)).toMatchObject({ code: "host_not_allowed_for_key" });
  });
});

describe("workload", () => {
  const workload = { azure_auth_mode: "workload" };
  const file = join(folder, "token");
  const environment = () => ({
    AZURE_AUTHORITY_HOST: local(""),
    AZURE_TENANT_ID: "tenant-1",
    AZURE_CLIENT_ID: "client-1",
    AZURE_FEDERATED_TOKEN_FILE: file,
  });

  test("exchanges the federated token, as the file holds it", async () => {
    const { clock, signed } = setUp();
    writeFileSync(file, "assertion-1\n");
    await signed({ options: workload, environment: environment() });
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      client_id: "client-1",
      scope: "https://cognitiveservices.azure.com/.default",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "assertion-1",
    });
    writeFileSync(file, "assertion-2\n");
    clock.now += 3_600_000;
    await signed({
      options: { ...workload, azure_workload_client_id: "other" },
      environment: environment(),
    });
    expect(asked[1]?.form.get("client_assertion")).toBe("assertion-2");
    expect(asked[1]?.form.get("client_id")).toBe("other");
  });

  test("names what the environment does not say", async () => {
    const error = await caught(setUp().signed({ options: workload }));
    expect(error).toMatchObject({ code: "missing_credential" });
    const gone = { ...environment(), AZURE_FEDERATED_TOKEN_FILE: join(folder, "nothing") };
    const unreadable = await caught(setUp().signed({ options: workload, environment: gone }));
    expect(unreadable).toMatchObject({ message: "Cannot read the file of AZURE_FEDERATED_TOKEN_FILE" });
  });

  test("is not lent to another's host", async () => {
    const error = await caught(
      setUp().signed({
        options: workload,
        environment: environment(),
        atHome: false,
        url: "https://x.example/",
      }),
    );
    expect(error).toMatchObject({ code: "host_not_allowed_for_key" });
  });
});

test("another mode is refused", async () => {
  const error = await caught(setUp().signed({ options: { azure_auth_mode: "magic" } }));
  expect(error).toMatchObject({ code: "invalid_request", param: "azure_auth_mode" });
});
