/** How long a provider asks us to wait, in the three headers they use. */
import type { HeaderFields } from "../lib/header-fields.ts";

/** First that says something: `retry-after-ms`, `x-ms-retry-after-ms` (milliseconds), `retry-after` (seconds or an HTTP date). */
export const providerWaitMs = (headers: HeaderFields, nowMs: number): number | undefined =>
  milliseconds(headers.get("retry-after-ms")) ??
  milliseconds(headers.get("x-ms-retry-after-ms")) ??
  seconds(headers.get("retry-after"), nowMs);

const milliseconds = (value: string | null): number | undefined => {
  const parsed = decimal(value);
  return parsed === undefined || parsed <= 0 ? undefined : parsed;
};

const seconds = (value: string | null, nowMs: number): number | undefined => {
  if (value === null) return undefined;
  const parsed = decimal(value);
  if (parsed !== undefined) return parsed <= 0 ? undefined : parsed * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) || date <= nowMs ? undefined : date - nowMs;
};

const decimal = (value: string | null): number | undefined =>
  value !== null && /^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(value) ? Number(value) : undefined;
