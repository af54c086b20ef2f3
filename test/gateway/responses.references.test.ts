import { describe, expect, test } from "bun:test";
import { resolved } from "../../src/gateway/responses.references.ts";
import type { Kept, Responses } from "../../src/gateway/responses.state.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { inputItemId } from "../../src/schema/response-id.ts";
import { rejection } from "../support/thrown.ts";

const responseId = (at: number): string => `resp_tp${at.toString(16).padStart(40, "0")}`;
const itemId = (at: number): string => inputItemId(responseId(at), "msg", 0);
const item = (at: number): JsonObject => ({ id: itemId(at), role: "user", content: `Number ${at}` });
const reference = (at: number): JsonObject => ({ type: "item_reference", id: itemId(at) });

/** Responses of one owner: each holds its own item and those of the ones it went on from. */
const keeping = (kept: Readonly<Record<number, readonly number[]>>) => {
  const looks: string[] = [];
  const byId = new Map(
    Object.entries(kept).map(([at, held]): [string, Kept] => [
      responseId(Number(at)),
      { response: { id: responseId(Number(at)) }, input: held.map(item) },
    ]),
  );
  const responses: Responses = {
    find: async (owner, id) => {
      looks.push(id);
      return owner === "ann" ? byId.get(id) : undefined;
    },
    keep: async () => undefined,
    remove: async () => false,
  };
  return { looks, ask: (input: JsonObject[], limit = 10_000) => resolved(responses, "ann", input, limit) };
};

describe("references to items", () => {
  test("become what they refer to, wherever they stand and as often as they do", async () => {
    const { ask } = keeping({ 1: [1] });
    const said = { role: "user", content: "Go on" };
    expect(await ask([reference(1), said, reference(1)])).toEqual([item(1), said, item(1)]);
  });

  test("to what is not there stay what they are", async () => {
    const { ask } = keeping({});
    const input = [reference(1), { type: "item_reference", id: "msg_another" }];
    expect(await ask(input)).toBe(input);
  });

  test("into one conversation need one look, at its newest response", async () => {
    const { ask, looks } = keeping({ 1: [1], 2: [1, 2], 3: [1, 2, 3] });
    expect(await ask([reference(1), reference(2), reference(3)])).toEqual([item(1), item(2), item(3)]);
    expect(looks).toEqual([responseId(3)]);
  });

  test("that mean more than a request may hold are refused before they are written out", async () => {
    const { ask } = keeping({ 1: [1] });
    const length = JSON.stringify(item(1)).length;
    const three = [reference(1), reference(1), reference(1)];
    expect(await ask(three, 3 * length)).toHaveLength(3);
    expect(await rejection(ask(three, 3 * length - 1))).toMatchObject({
      code: "request_too_large",
      param: "input",
    });
  });

  test("into more responses than are looked into are refused", async () => {
    const { ask, looks } = keeping({});
    const many = Array.from({ length: 300 }, (_, at) => reference(at));
    expect(await rejection(ask(many))).toMatchObject({ code: "invalid_request", param: "input" });
    expect(looks).toHaveLength(256);
  });
});
