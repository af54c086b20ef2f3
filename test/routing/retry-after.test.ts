import { expect, test } from "bun:test";
import { providerWaitMs } from "../../src/routing/retry-after.ts";
import { START_DATE } from "../support/world.ts";

const MS = "retry-after-ms";
const AZURE = "x-ms-retry-after-ms";
const SECONDS = "retry-after";

test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
  ["nothing", {}, undefined],
  ["milliseconds", { [MS]: "250" }, 250],
  ["fractions of a millisecond", { [MS]: "250.5" }, 250.5],
  ["Azure's milliseconds", { [AZURE]: "300" }, 300],
  ["seconds", { [SECONDS]: "2" }, 2000],
  ["fractions of a second", { [SECONDS]: "0.25" }, 250],
  ["spaces around", { [SECONDS]: " 2 " }, 2000],
  ["a date to come", { [SECONDS]: new Date(START_DATE + 7000).toUTCString() }, 7000],
  ["a date of a century of two digits", { [SECONDS]: "Saturday, 21-Nov-26 12:00:09 GMT" }, 9000],
  ["a date gone by", { [SECONDS]: new Date(START_DATE - 7000).toUTCString() }, undefined],
  ["this very moment", { [SECONDS]: new Date(START_DATE).toUTCString() }, undefined],
  ["no time at all", { [SECONDS]: "0" }, undefined],
  ["less than nothing", { [SECONDS]: "-1" }, undefined],
  ["garbage", { [SECONDS]: "soon" }, undefined],
  ["an empty header", { [SECONDS]: "" }, undefined],
  ["not a number", { [SECONDS]: "NaN" }, undefined],
  ["infinity", { [SECONDS]: "Infinity" }, undefined],
  ["an exponent", { [MS]: "1e9" }, undefined],
  ["a number beyond all reason", { [MS]: "9".repeat(40) }, undefined],
  ["a long but finite wait", { [SECONDS]: "1000000000" }, 1e12],
  ["milliseconds before seconds", { [MS]: "5", [AZURE]: "6", [SECONDS]: "7" }, 5],
  ["Azure's milliseconds before seconds", { [AZURE]: "6", [SECONDS]: "7" }, 6],
  ["the next one where the first is garbage", { [MS]: "x", [AZURE]: "0", [SECONDS]: "7" }, 7000],
])("a provider that says %s", (_name, headers, expected) => {
  expect(providerWaitMs(new Headers(headers), START_DATE)).toBe(expected);
});
