import { describe, expect, test } from "bun:test";
import { pipe, pushAll, runAll, seal, type Reducer, type Stage } from "../../src/lib/reducer.ts";

/** Hands on words, each with its number; says at the end how many there were. */
const numbering: Reducer<number, string, string> = {
  start: () => 0,
  step: (count, word) => (word === "" ? [count, []] : [count + 1, [`${count}${word}`]]),
  end: (count) => [`end of ${count}`],
};

/** Hands on every word twice. */
const doubling: Reducer<undefined, string, string> = {
  start: () => undefined,
  step: (state, word) => [state, [word, word]],
  end: () => ["over"],
};

describe("a sealed reducer", () => {
  test("carries its state from step to step", () => {
    const stage = seal(numbering);
    expect(stage.push("a")).toEqual(["0a"]);
    expect(stage.push("")).toEqual([]);
    expect(stage.push("b")).toEqual(["1b"]);
    expect(stage.close()).toEqual(["end of 2"]);
  });

  test("shares nothing with another one", () => {
    const [one, other] = [seal(numbering), seal(numbering)];
    one.push("a");
    expect(other.push("b")).toEqual(["0b"]);
  });
});

describe("joined stages", () => {
  test("hand on in order, and the first one's last words go through the second", () => {
    const stage = pipe(seal(numbering), seal(doubling));
    expect(stage.push("a")).toEqual(["0a", "0a"]);
    expect(stage.close()).toEqual(["end of 1", "end of 1", "over"]);
  });

  test("may be joined in either order", () => {
    const run = (stage: Stage<string, string>): readonly string[] => runAll(stage, ["a", "b"]);
    const three = () => [seal(numbering), seal(doubling), seal(numbering)] as const;
    const [a, b, c] = three();
    const [x, y, z] = three();
    expect(run(pipe(pipe(a, b), c))).toEqual(run(pipe(x, pipe(y, z))));
  });
});

test("several inputs give what they give one by one", () => {
  for (const inputs of [[], ["a"], ["a", "", "b"]]) {
    const stage = seal(numbering);
    expect(pushAll(seal(numbering), inputs)).toEqual(inputs.flatMap((input) => stage.push(input)));
  }
});

test("a whole list ends with what is still owed", () => {
  expect(runAll(seal(numbering), [])).toEqual(["end of 0"]);
  expect(runAll(seal(numbering), new Set(["a", "b"]))).toEqual(["0a", "1b", "end of 2"]);
});
