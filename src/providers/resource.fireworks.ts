/** Where Fireworks keeps what belongs to an account, and how it pages: docs.fireworks.ai/api-reference/list-datasets */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { limitOf, objectOf, segmentOf, textOf } from "./resource.fields.ts";
import { listAfter } from "./resource.pages.ts";
import type { ResourceCall } from "./resource.ts";
import { missingInput } from "./url.ts";

export const accountName = (call: ResourceCall): string => {
  const account = call.option("fireworks_account_id");
  if (account === undefined) throw missingInput({ id: call.provider }, "fireworks_account_id");
  return `accounts/${segmentOf(account, "fireworks_account_id")}`;
};

/** A path of an account's; a custom host may be given as inference's base. */
export const accountUrl = (call: ResourceCall, path: string): string => {
  const root = call.host("control").replace(/(?:\/inference)?(?:\/v1)?(?:\/)*$/, "");
  return `${root}/v1/${accountName(call)}/${path}`;
};

/** What a client calls by the last part of its name. */
export const idOf = (name: JsonValue | undefined): string => (textOf(name) ?? "").split("/").at(-1) ?? "";

export const datasetName = (call: ResourceCall, id: string, param: string): string =>
  `${accountName(call)}/datasets/${segmentOf(id, param)}`;

/** A model of Fireworks' own has a short name, too. */
export const modelName = (model: string): string =>
  model.startsWith("accounts/") ? model : `accounts/fireworks/models/${model}`;

/** "The maximum page_size is 200" */
const MOST = 200;

export const listAll = (
  call: ResourceCall,
  kind: string,
  read: (item: JsonObject) => JsonObject,
): Promise<JsonObject> =>
  listAfter({
    limit: limitOf(call.query, MOST),
    after: call.query.get("after"),
    most: MOST,
    page: async (size, token) => {
      const query = new URLSearchParams({ pageSize: String(size) });
      if (token !== undefined) query.set("pageToken", token);
      const answer = await call.json({ url: accountUrl(call, `${kind}?${query.toString()}`) });
      const items = answer[kind];
      return {
        items: (isArray(items) ? items : []).filter(isObject).map(read),
        next: textOf(answer["nextPageToken"]),
      };
    },
  });

/** Why something failed: a status says `OK` of what went well. */
export const failureOf = (item: JsonObject): JsonObject | undefined => {
  const { code, message } = objectOf(item["status"]);
  const text = textOf(message);
  return text === undefined || code === "OK"
    ? undefined
    : { code: textOf(code) ?? "job_failed", message: text };
};
