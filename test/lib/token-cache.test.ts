import { describe, expect, test } from "bun:test";
import type { AccessToken } from "../../src/lib/token-cache.ts";
import { createTokenCache } from "../../src/lib/token-cache.ts";
import { caught } from "./caught.ts";

const HOUR = 3_600_000;

/** A token endpoint that numbers its tokens. */
const source = (clock: { now: number }) => {
  const made: string[] = [];
  const fetchToken = async (): Promise<AccessToken> => {
    made.push(`token-${made.length + 1}`);
    return { value: `token-${made.length}`, expiresAt: clock.now + HOUR };
  };
  return { made, fetchToken };
};

const setUp = (max?: number) => {
  const clock = { now: 1_790_000_000_000 };
  const cache = createTokenCache({ now: () => clock.now, ...(max === undefined ? {} : { max }) });
  return { clock, cache, ...source(clock) };
};

describe("a token", () => {
  test("is kept until a minute before its end", async () => {
    const { cache, clock, fetchToken } = setUp();
    expect(await cache.get("a", fetchToken)).toBe("token-1");
    clock.now += HOUR - 60_001;
    expect(await cache.get("a", fetchToken)).toBe("token-1");
    clock.now += 1;
    expect(await cache.get("a", fetchToken)).toBe("token-2");
  });

  test("belongs to its key", async () => {
    const { cache, fetchToken } = setUp();
    expect(await cache.get("a", fetchToken)).toBe("token-1");
    expect(await cache.get("b", fetchToken)).toBe("token-2");
    expect(await cache.get("a", fetchToken)).toBe("token-1");
  });

  test("is fetched once for all who wait for it", async () => {
    const { cache, made, fetchToken } = setUp();
    const all = await Promise.all([1, 2, 3].map(() => cache.get("a", fetchToken)));
    expect(all).toEqual(["token-1", "token-1", "token-1"]);
    expect(made).toHaveLength(1);
  });

  test("that expires at once serves those who waited for it", async () => {
    const { cache, clock } = setUp();
    let fetched = 0;
    const short = async () => ({ value: `${++fetched}`, expiresAt: clock.now });
    expect(await Promise.all([cache.get("a", short), cache.get("a", short)])).toEqual(["1", "1"]);
    expect(await cache.get("a", short)).toBe("2");
  });

  test("is forgotten when there are too many", async () => {
    const { cache, fetchToken } = setUp(1);
    await cache.get("a", fetchToken);
    await cache.get("b", fetchToken);
    expect(await cache.get("a", fetchToken)).toBe("token-3");
  });
});

describe("a failure", () => {
  const failing = () => Promise.reject(new Error("refused"));

  test("is told, and not kept", async () => {
    const { cache, fetchToken } = setUp();
    expect(await caught(cache.get("a", failing))).toBeInstanceOf(Error);
    expect(await cache.get("a", fetchToken)).toBe("token-1");
  });

  test("of one caller leaves the others their own try, of which there is one", async () => {
    const { cache, made, fetchToken } = setUp();
    const first = caught(cache.get("a", failing));
    const others = Promise.all([cache.get("a", fetchToken), cache.get("a", fetchToken)]);
    expect(await first).toBeInstanceOf(Error);
    expect(await others).toEqual(["token-1", "token-1"]);
    expect(made).toHaveLength(1);
  });
});
