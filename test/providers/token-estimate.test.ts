/** How near the estimate of tokens comes to a real vocabulary. */
import { describe, expect, test } from "bun:test";
import { readCounted } from "../../src/providers/codec.count-tokens.ts";
import { imageSize } from "../../src/providers/image-size.ts";
import { estimateTokens, textTokens } from "../../src/providers/token-estimate.ts";
import type { JsonObject } from "../../src/schema/json.ts";

/** Texts of our own and their tokens in o200k_base, counted with gpt-tokenizer 4.0.0. */
const VECTORS: readonly (readonly [kind: string, text: string, tokens: number])[] = [
  [
    "English",
    "The harbour was quiet that morning. Two fishermen mended their nets beside the old customs house, talking about the storm that had kept them ashore for most of the week, while a delivery van waited for somebody to open the gate.",
    47,
  ],
  [
    "German",
    "Der Hafen war an diesem Morgen still. Zwei Fischer flickten neben dem alten Zollhaus ihre Netze und sprachen über den Sturm, der sie fast die ganze Woche an Land gehalten hatte.",
    38,
  ],
  [
    "French",
    "Le port était calme ce matin-là. Deux pêcheurs réparaient leurs filets près de l'ancienne douane en parlant de la tempête qui les avait retenus à terre presque toute la semaine.",
    42,
  ],
  [
    "Spanish",
    "El puerto estaba tranquilo aquella mañana. Dos pescadores remendaban sus redes junto a la antigua aduana y hablaban de la tormenta que los había retenido en tierra casi toda la semana.",
    41,
  ],
  [
    "Polish",
    "Tego ranka w porcie było cicho. Dwóch rybaków naprawiało sieci obok starego urzędu celnego i rozmawiało o sztormie, który prawie cały tydzień trzymał ich na brzegu.",
    56,
  ],
  [
    "Vietnamese",
    "Sáng hôm đó bến cảng yên tĩnh. Hai ngư dân vá lưới bên cạnh tòa nhà hải quan cũ và nói về cơn bão đã giữ họ trên bờ gần cả tuần.",
    48,
  ],
  [
    "Russian",
    "В то утро в порту было тихо. Двое рыбаков чинили сети у старой таможни и говорили о шторме, который почти всю неделю держал их на берегу.",
    45,
  ],
  [
    "Greek",
    "Το λιμάνι ήταν ήσυχο εκείνο το πρωί. Δύο ψαράδες μπάλωναν τα δίχτυα τους δίπλα στο παλιό τελωνείο και μιλούσαν για την καταιγίδα.",
    55,
  ],
  [
    "Arabic",
    "كان الميناء هادئا في ذلك الصباح. كان صيادان يصلحان شباكهما بجانب مبنى الجمارك القديم ويتحدثان عن العاصفة التي أبقتهما على الشاطئ معظم الأسبوع.",
    50,
  ],
  [
    "Hindi",
    "उस सुबह बंदरगाह शांत था। दो मछुआरे पुराने सीमा शुल्क भवन के पास अपने जाल ठीक कर रहे थे और उस तूफान की बात कर रहे थे जिसने उन्हें लगभग पूरे सप्ताह किनारे पर रोक रखा था।",
    49,
  ],
  [
    "Thai",
    "เช้าวันนั้นท่าเรือเงียบสงบ ชาวประมงสองคนกำลังซ่อมแหอยู่ข้างอาคารศุลกากรเก่า พลางคุยกันเรื่องพายุ",
    48,
  ],
  [
    "Chinese",
    "那天早晨港口很安静。两个渔夫在旧海关大楼旁边修补渔网，谈论着那场让他们几乎整个星期都无法出海的暴风雨。",
    48,
  ],
  [
    "Japanese",
    "その朝、港は静かだった。二人の漁師が古い税関の建物のそばで網を繕いながら、一週間近く出漁できなかった嵐のことを話していた。",
    54,
  ],
  [
    "Korean",
    "그날 아침 항구는 조용했다. 어부 두 사람이 옛 세관 건물 옆에서 그물을 고치며 거의 일주일 내내 배를 띄우지 못하게 한 폭풍에 대해 이야기했다.",
    51,
  ],
  ["emoji", "Great job 🎉🎉 see you tomorrow 👋 at the beach 🏖️ with the whole family 👨‍👩‍👧‍👦!", 34],
  [
    "Python",
    "def total(rows):\n    result = 0\n    for row in rows:\n        if row.get('amount') is not None:\n            result += float(row['amount'])\n    return result\n",
    39,
  ],
  [
    "TypeScript",
    "const totalOf = (rows: readonly Row[]): number => {\n  let total = 0;\n  for (const { amount } of rows) if (amount !== undefined) total += amount;\n  return total;\n};\n",
    45,
  ],
  [
    "JSON",
    '{"type":"object","properties":{"city":{"type":"string","description":"The city and country"},"days":{"type":"integer"}},"required":["city"]}',
    33,
  ],
  [
    "numbers",
    "0,0,1700000000,item-0\n1,137.25,1700000001,item-1\n2,274.5,1700000002,item-2\n3,411.75,1700000003,item-3\n4,549,1700000004,item-4\n5,686.25,1700000005,item-5\n6,823.5,1700000006,item-6\n7,960.75,1700000007,item-7\n8,1098,1700000008,item-8\n9,1235.25,1700000009,item-9\n10,1372.5,1700000010,item-10\n11,1509.75,1700000011,item-11",
    165,
  ],
  [
    "Markdown",
    "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n\n- [x] done\n- [ ] open\n\n```sh\ncurl -sS http://localhost:8787/v1/models\n```\n",
    54,
  ],
  [
    "base64",
    "E1yl7jeAyRJbpO02f8gRWqPsNX7HEFmi6zR9xg9YoeozfMUOV6DpMnvEDVaf6DF6wwxVnucwecILVJ3mL3jBClOc5S53wAlSm+Qtdr8IUZrjLHW+B1CZ4it0vQZPmOEqc7wFTpfgKXK7BE2W3yhxugNMld4ncLkC",
    114,
  ],
];

describe("the estimate of a text", () => {
  test.each(VECTORS)("in %s is within a quarter", (_, text, tokens) => {
    expect(textTokens(text)).toBeGreaterThan(tokens * 0.75);
    expect(textTokens(text)).toBeLessThan(tokens * 1.25);
  });

  test("of all of them together is within a tenth", () => {
    const tokens = VECTORS.reduce((sum, [, , each]) => sum + each, 0);
    const estimated = VECTORS.reduce((sum, [, text]) => sum + textTokens(text), 0);
    expect(estimated).toBeGreaterThan(tokens * 0.9);
    expect(estimated).toBeLessThan(tokens * 1.1);
  });

  test("of a long one is told by pieces of it", () => {
    const page = VECTORS.map(([, text]) => text).join("\n");
    const pages = Math.ceil(400_000 / page.length);
    const ratio = textTokens(page.repeat(pages)) / (textTokens(page) * pages);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.05);
  });

  test("of nothing is nothing", () => {
    expect(textTokens("")).toBe(0);
  });
});

const estimateOf = (content: readonly JsonObject[]): number =>
  estimateTokens(readCounted({ model: "m", messages: [{ role: "user", content }] }));

const pdf = (bytes: number): JsonObject => {
  const data = Buffer.alloc(bytes).toString("base64");
  return { type: "document", source: { type: "base64", media_type: "application/pdf", data } };
};

describe("the estimate of a chat", () => {
  const empty = estimateOf([]);

  test.each<[string, JsonObject, number]>([
    ["an image of no known size", { type: "image", source: { type: "url", url: "https://a.b/c.png" } }, 1296],
    [
      "a text file",
      { type: "document", source: { type: "text", media_type: "text/plain", data: "one two three" } },
      3,
    ],
    ["a PDF", pdf(2000), 100],
    ["a block of another kind", { type: "container_upload", file_id: "file_1" }, 13],
    ["a call", { type: "tool_use", id: "t", name: "look", input: { at: "it" } }, 9],
    [
      "a result",
      { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "one two three" }] },
      7,
    ],
  ])("counts %s", (_, block, tokens) => {
    expect(Math.abs(estimateOf([block]) - empty - tokens)).toBeLessThanOrEqual(2);
  });

  test("is never zero", () => {
    expect(estimateTokens(readCounted({ model: "m", messages: [] }))).toBe(1);
  });
});

describe("the size of an image", () => {
  const bytesOf = (...parts: readonly (readonly number[])[]): string =>
    Buffer.concat([...parts.map((part) => Buffer.from(part)), Buffer.alloc(24)]).toString("base64");

  test("is read off a PNG, a GIF and a JPEG", () => {
    const png = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 2, 0, 0, 0, 1, 0];
    const gif = [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0, 2, 0, 1];
    const app = [0xff, 0xe0, 0, 4, 0, 0];
    const frame = [0xff, 0xc2, 0, 17, 8, 1, 0, 2, 0];
    for (const image of [bytesOf(png), bytesOf(gif), bytesOf([0xff, 0xd8], app, frame)])
      expect(imageSize(image)).toEqual({ width: 512, height: 256 });
  });

  test.each(["", "AAAA", bytesOf([1, 2, 3]), bytesOf([0xff, 0xd8, 0, 0]), bytesOf([0xff, 0xd8, 0xff, 0xe0])])(
    "is not guessed: %p",
    (image) => {
      expect(imageSize(image)).toBeUndefined();
    },
  );
});
