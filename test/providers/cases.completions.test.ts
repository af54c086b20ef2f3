/** Every folder under `cases/completions` is a text completion of a server with a shape of its own. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringField } from "../../src/providers/body-fields.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import type { JsonObject } from "../../src/schema/json.ts";

interface Case {
  /** The codec's name in the row. */
  readonly codec: string;
  /** The vendor's document that the data follows. */
  readonly source: string;
  readonly provider: string;
  readonly requestNotes?: readonly string[];
  /** Of the reply, where it counts in them. */
  readonly headers?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dir, "cases", "completions");
const NOW = 1790000000;
const UPDATE = Bun.env["UPDATE_GOLDEN"] === "1";

const readJson = (path: string): JsonObject => JSON.parse(readFileSync(path, "utf8"));

const expectGoldenJson = (path: string, value: unknown): void => {
  if (UPDATE) writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  expect(JSON.parse(JSON.stringify(value))).toStrictEqual(readJson(path));
};

for (const name of readdirSync(ROOT).sort()) {
  const path = join(ROOT, name);
  const folder = readJson(join(path, "case.json")) as unknown as Case; // our own data, checked by its tests
  const codec = codecOf(folder.codec);
  const target = { provider: folder.provider, option: () => undefined };
  const request = readJson(join(path, "client-request.json"));

  describe(`completions/${name}`, () => {
    test("the request is translated", () => {
      const before = structuredClone(request);
      const { body, notes } = codec.write(request, target);
      expect(request).toEqual(before);
      expect(notes).toEqual([...(folder.requestNotes ?? [])]);
      expectGoldenJson(join(path, "upstream-request.json"), body);
    });

    const reply = join(path, "upstream-reply.json");
    if (!existsSync(reply)) return;
    test("the reply is translated", () => {
      const model = stringField(request, "model") ?? "";
      const headers = new Headers(folder.headers ?? {});
      const read = codec.read(
        { contentType: "application/json", headers, bytes: new Uint8Array(), json: readJson(reply) },
        { ...target, request, model, now: NOW },
      );
      expectGoldenJson(join(path, "client-reply.json"), read);
    });
  });
}
