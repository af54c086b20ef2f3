import { expect, test } from "bun:test";
import { createResolver } from "../../src/lib/resolver.ts";
import type { ResolvedAddress } from "../../src/lib/resolver.ts";
import { caught } from "./caught.ts";

const HERE: readonly ResolvedAddress[] = [{ address: "192.0.2.1", family: 4 }];
const open = new AbortController().signal;

const counting = () => {
  const asked: string[] = [];
  let now = 1000;
  const resolver = createResolver({
    resolve: async (host) => {
      asked.push(host);
      return HERE;
    },
    now: () => now,
  });
  return { asked, resolver, pass: (ms: number) => (now += ms) };
};

test("an answer is remembered for 30 seconds", async () => {
  const { asked, resolver, pass } = counting();
  expect(await resolver("a.example", open)).toEqual(HERE);
  pass(30_000);
  await resolver("a.example", open);
  expect(asked).toEqual(["a.example"]);
  pass(1);
  await resolver("a.example", open);
  expect(asked).toEqual(["a.example", "a.example"]);
});

test("calls at the same time share one question", async () => {
  const { asked, resolver } = counting();
  await Promise.all([resolver("a.example", open), resolver("a.example", open), resolver("b.example", open)]);
  expect(asked).toEqual(["a.example", "b.example"]);
});

test("no more than a thousand names are remembered", async () => {
  const { asked, resolver } = counting();
  for (let index = 0; index <= 1000; index++) await resolver(`h${index}.example`, open);
  await resolver("h0.example", open);
  expect(asked).toHaveLength(1002);
});

test("a failure reaches everyone who asked and is not remembered", async () => {
  let fails = true;
  const resolver = createResolver({
    resolve: async () => {
      if (fails) throw new Error("no answer");
      return HERE;
    },
  });
  const first = [resolver("a.example", open), resolver("a.example", open)];
  const errors = await Promise.all(first.map(caught));
  expect(errors).toEqual([new Error("no answer"), new Error("no answer")]);
  fails = false;
  expect(await resolver("a.example", open)).toEqual(HERE);
});

test("a call that ends stops waiting, others do not", async () => {
  const answer = Promise.withResolvers<readonly ResolvedAddress[]>();
  const resolver = createResolver({ resolve: () => answer.promise });
  const leaving = new AbortController();
  const abandoned = caught(resolver("a.example", leaving.signal));
  const staying = resolver("a.example", open);
  leaving.abort(new Error("client left"));
  expect(await abandoned).toEqual(new Error("client left"));
  answer.resolve(HERE);
  expect(await staying).toEqual(HERE);
  expect(await caught(resolver("a.example", leaving.signal))).toEqual(new Error("client left"));
});

test("a failure after the only asker left stays without consequence", async () => {
  const answer = Promise.withResolvers<readonly ResolvedAddress[]>();
  const resolver = createResolver({ resolve: () => answer.promise });
  const leaving = new AbortController();
  const abandoned = caught(resolver("a.example", leaving.signal));
  leaving.abort(new Error("client left"));
  expect(await abandoned).toEqual(new Error("client left"));
  answer.reject(new Error("no answer"));
  await Promise.allSettled([abandoned, answer.promise]);
});

test("a name of this machine is resolved by the system", async () => {
  const addresses = await createResolver()("localhost", open);
  expect(addresses.map(({ address }) => address)).toContain("127.0.0.1");
});
