import { expect, test } from "bun:test";
import { writeStrangers } from "../../src/providers/openai-responses.strangers.ts";
import { writeProof } from "../../src/providers/openai-responses.proofs.ts";
import { writeSummary } from "../../src/providers/openai-responses.summary.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { inputItemId, newResponseId, responseOfItem } from "../../src/schema/response-id.ts";

const own = newResponseId();
const idOf = (prefix: string): string => inputItemId(own, prefix, 0);

test("an id leads back to its response, and a server's own does not", () => {
  expect(responseOfItem(idOf("msg"))).toBe(own);
  expect(responseOfItem("msg_0857699edcad0c8600693bbe84218481a0abc41dd37854ea76")).toBeUndefined();
});

test("items lose the ids that only we know", () => {
  const message: JsonObject = { type: "message", role: "user", content: "Hi" };
  const call: JsonObject = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
  const written = writeStrangers([
    { id: idOf("msg"), ...message },
    { id: idOf("fc"), ...call },
    { id: "msg_1", ...message },
  ]);
  expect(written).toEqual({ body: [message, call, { id: "msg_1", ...message }], notes: [] });
});

test("reasoning of others is left out, and said to be", () => {
  const foreign = writeProof({ kind: "signature", value: "s" }, "anthropic");
  const theirs = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAA" };
  const written = writeStrangers([
    { type: "reasoning", id: idOf("rs"), summary: [] },
    { type: "reasoning", summary: [], encrypted_content: foreign },
    theirs,
  ]);
  expect(written).toEqual({ body: [theirs], notes: ["input.0 (reasoning)", "input.1 (reasoning)"] });
});

test("a summary of ours is told, a compaction of theirs goes back as it is", () => {
  const theirs = { type: "compaction", encrypted_content: "gAAAA" };
  const { body } = writeStrangers([
    { type: "compaction", id: "cmp_1", encrypted_content: writeSummary("Paris: 20°") },
    theirs,
  ]);
  expect(body).toMatchObject([{ type: "message", role: "user" }, theirs]);
  expect(JSON.stringify(body)).toContain("Paris: 20°");
});

test("what is no list is left to the server to judge", () => {
  expect(writeStrangers("Hi")).toEqual({ body: "Hi", notes: [] });
  expect(writeStrangers([7])).toEqual({ body: [7], notes: [] });
});
