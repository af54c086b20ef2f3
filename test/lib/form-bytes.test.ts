/** Forms that are held whole or come by: their fields are read as the platform wrote them, and exchanged. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { FormFields } from "../../src/lib/form-bytes.ts";
import { formFields, formFiles, readForm, streamedWithFields, withFields } from "../../src/lib/form-bytes.ts";
import { boundaryOf } from "../../src/lib/form-stream.ts";

interface Sent {
  readonly bytes: Bytes;
  readonly boundary: string;
}

const sent = async (entries: readonly (readonly [string, string | File])[]): Promise<Sent> => {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  const request = new Request("http://a.test", { method: "POST", body: form });
  const boundary = boundaryOf(request.headers.get("content-type") ?? "") ?? "";
  return { bytes: await request.bytes(), boundary };
};

/** The form as the platform reads it. */
const received = async (body: Bytes | ReadableStream<Bytes>, boundary: string) => {
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const form = await new Response(body, { headers }).formData();
  const entries: [string, string][] = [];
  for (const [name, value] of form.entries() as Iterable<[string, string | File]>)
    entries.push([
      name,
      value instanceof File ? `${value.name} (${value.type}): ${await value.text()}` : value,
    ]);
  return entries;
};

const read = ({ bytes, boundary }: Sent) => {
  const form = readForm(bytes, boundary);
  if (form === undefined) throw new Error("the form cannot be read");
  return form;
};

const SOUND = new File(["--b\r\nwaves"], "tide.mp3", { type: "audio/mpeg" });

const ENTRIES = [
  ["file", SOUND],
  ["model", "whisper-1"],
  ["prompt", ""],
  ["granularities[]", "word"],
  ["granularities[]", "segment"],
  ["include[]", "logprobs"],
] as const;

test("plain fields are texts, and lists where they are called so or come twice", async () => {
  expect(formFields(read(await sent([...ENTRIES, ["twice", "a"], ["twice", "b"]])))).toEqual({
    model: "whisper-1",
    prompt: "",
    granularities: ["word", "segment"],
    include: ["logprobs"],
    twice: ["a", "b"],
  });
});

test("files are known by their fields, in their order", async () => {
  const other = new File(["more"], "ebb.bin");
  const files = formFiles(read(await sent([...ENTRIES, ["image[]", SOUND], ["image[]", other]])));
  const told = Object.entries(files).map(([name, list]) => [
    name,
    list.map(({ contentType, bytes }) => `${contentType}: ${Buffer.from(bytes).toString()}`),
  ]);
  expect(Object.fromEntries(told)).toEqual({
    file: ["audio/mpeg: --b\r\nwaves"],
    image: ["audio/mpeg: --b\r\nwaves", "application/octet-stream: more"],
  });
});

test("any text is read as it was written", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (values) => {
      const fields = formFields(read(await sent(values.map((value, at) => [`f${at}`, value]))));
      const lines = values.map((value) => value.toWellFormed().replaceAll(/\r\n|\r|\n/g, "\r\n"));
      expect(Object.values(fields)).toEqual(lines);
    }),
  );
});

describe("other fields", () => {
  const others: FormFields = {
    model: "whisper-large-v3",
    granularities: ["segment"],
    prompt: [],
    note: "a\r\nb",
  };
  const expected = [
    ["model", "whisper-large-v3"],
    ["granularities[]", "segment"],
    ["note", "a\r\nb"],
    ["file", "tide.mp3 (audio/mpeg): --b\r\nwaves"],
    ["include[]", "logprobs"],
  ];

  test("take the place of those of the same names", async () => {
    const form = await sent(ENTRIES);
    expect(await received(withFields(read(form), others), form.boundary)).toEqual(
      expected as [string, string][],
    );
  });

  test("are lists without a mark, for those who know none", async () => {
    const { bytes, boundary } = await sent(ENTRIES);
    const named = { granularities: ["segment"], include: ["logprobs"] };
    const whole = await received(withFields(read({ bytes, boundary }), named, ""), boundary);
    expect(whole.map(([name]) => name)).toEqual(["granularities", "include", "file", "model", "prompt"]);
    const source = new Response(bytes).body ?? new ReadableStream<Bytes>();
    const onTheWay = await received(streamedWithFields(source, boundary, {}, ""), boundary);
    expect(onTheWay.map(([name]) => name)).toEqual(ENTRIES.map(([name]) => name.replace("[]", "")));
  });

  test("do so on the way", async () => {
    const { bytes, boundary } = await sent(ENTRIES);
    const source = new Response(bytes).body ?? new ReadableStream<Bytes>();
    expect(await received(streamedWithFields(source, boundary, others), boundary)).toEqual(
      expected as [string, string][],
    );
  });
});

describe("a file whose name is not plain ASCII", () => {
  const part = (name: string): string =>
    `--b\r\nContent-Disposition: form-data; name="file"; ${name}\r\nContent-Transfer-Encoding: binary\r\n\r\nwaves\r\n`;
  const formOf = (name: string): Bytes => Buffer.from(`${part(name)}--b--\r\n`, "latin1");

  test.each(['filename="\u00e9b\u00e9.mp3"', 'filename="C:\\tide.mp3"', "filename*=utf-8''%C3%A9b.mp3"])(
    "is sent on under it: %s",
    async (name) => {
      const source = new Response(formOf(name)).body ?? new ReadableStream<Bytes>();
      const onTheWay = await new Response(streamedWithFields(source, "b", { model: "m" })).bytes();
      expect(Buffer.from(onTheWay).toString("latin1")).toContain(part(name));
    },
  );

  test("is a file also where the name is encoded", () => {
    const form = read({ bytes: formOf("filename*=utf-8''%C3%A9b.mp3"), boundary: "b" });
    expect(formFields(form)).toEqual({});
    expect(Object.keys(formFiles(form))).toEqual(["file"]);
  });
});

test.each([
  "",
  "--b",
  "--b\r\n\r\n\r\nno name\r\n--b--",
  '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut',
])("%j is no form of ours to read", (text) => {
  expect(readForm(new TextEncoder().encode(text), "b")).toBeUndefined();
});
