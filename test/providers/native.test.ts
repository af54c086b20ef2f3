import { describe, expect, test } from "bun:test";
import { NATIVE_ROUTES } from "../../src/providers/native.ts";
import type { NativeCall } from "../../src/schema/native.ts";

const read = (route: string, pathname: string, search = ""): NativeCall | undefined =>
  NATIVE_ROUTES.find(({ path }) => path === route)?.read(pathname, search);

describe("Gemini's paths", () => {
  test.each<[string, string, string, string, boolean, boolean]>([
    ["/v1beta/*", "/v1beta/models/gemini-pro:generateContent", "", "gemini-pro", false, false],
    ["/v1beta/*", "/v1beta/models/gemini-pro:streamGenerateContent", "?alt=sse", "gemini-pro", true, false],
    ["/v1beta/*", "/v1beta/models/gemini-pro:streamGenerateContent", "?alt=json", "gemini-pro", true, true],
    ["/v1beta/*", "/v1beta/models/gemini-pro:streamGenerateContent", "", "gemini-pro", true, true],
    ["/v1beta/*", "/v1beta/models/anthropic%2Fclaude:generateContent", "", "anthropic/claude", false, false],
    ["/v1beta/*", "/v1beta/models/@key/a:b:generateContent", "", "@key/a:b", false, false],
    ["/v1beta/*", "/v1beta/models/100%:generateContent", "", "100%", false, false],
    ["/v1/models/*", "/v1/models/gemini-pro:generateContent", "", "gemini-pro", false, false],
  ])("%s: %s%s", (route, pathname, search, model, stream, isArray) => {
    expect(read(route, pathname, search)).toMatchObject({
      endpoint: "chat",
      dialect: "gemini",
      native: { said: { model, stream }, isArray },
    });
  });

  test.each([
    ["/v1beta/models/gemini-pro:countTokens", "/v1beta/models/gemini-pro:countTokens", "countTokens"],
    ["/v1beta/models", "/v1beta/models", undefined],
    ["/v1beta/tunedModels/mine:generateContent", "/v1beta/tunedModels/mine:generateContent", undefined],
    ["/v1beta/files/abc", "/v1beta/files/abc", undefined],
  ])("%s is passed on", (pathname, below, method) => {
    const call = read("/v1beta/*", pathname);
    expect(call).toMatchObject({ endpoint: "proxy", dialect: "gemini", native: { below } });
    expect(call?.native.method).toBe(method);
  });

  test.each([
    ["/upload/v1beta/files", "/v1beta/files"],
    [
      "/upload/v1beta/fileSearchStores/a:uploadToFileSearchStore",
      "/v1beta/fileSearchStores/a:uploadToFileSearchStore",
    ],
  ])("%s takes media", (pathname, below) => {
    expect(read("/upload/v1beta/*", pathname)).toMatchObject({
      endpoint: "proxy",
      dialect: "gemini",
      native: { provider: "google", speaks: "gemini", below, isUpload: true, isKeyless: false },
    });
    expect(read("/upload/v1/*", pathname.replace("v1beta", "v1"), "?upload_id=1")?.native).toMatchObject({
      below,
      isKeyless: true,
    });
  });

  test.each(["/v1/models/gpt-4o", "/v1/models/ft:gpt-4o:org::id", "/v1/models/a:cancel"])(
    "%s is not one of them",
    (pathname) => {
      expect(read("/v1/models/*", pathname)).toBeUndefined();
    },
  );
});

describe("Bedrock's paths", () => {
  test.each<[string, string | undefined, string | undefined, boolean | undefined]>([
    ["/model/amazon.nova-lite-v1%3A0/converse", "amazon.nova-lite-v1:0", "converse", true],
    ["/model/arn%3Aaws%3Ax%2Fy/converse-stream", "arn:aws:x/y", "converse-stream", true],
    ["/model/m/invoke-with-response-stream", "m", "invoke-with-response-stream", false],
    ["/model/m", undefined, undefined, undefined],
  ])("%s", (pathname, model, method, isChat) => {
    const native = read("/model/*", pathname)?.native;
    expect(native?.said?.["model"]).toBe(model);
    expect(native?.method).toBe(method);
    expect(native?.isChat).toBe(isChat);
    expect(native?.isInvoked ?? false).toBe(pathname.includes("/invoke"));
  });
});
