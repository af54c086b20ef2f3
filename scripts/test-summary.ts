/** Reads the counts out of what `bun test` prints at its end. */

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A run that ended badly has at least one failure, also when it never came to its summary. */
export const readSummary = (output: string, exitCode: number): Summary => {
  const counts = (word: string): number => lastCount(output, word);
  return {
    passed: counts("pass"),
    failed: Math.max(counts("fail"), counts("error"), exitCode === 0 ? 0 : 1),
    skipped: counts("skip") + counts("todo"),
  };
};

export const summaryLine = ({ passed, failed, skipped }: Summary): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

/** The last one, since a test may print such a line itself. */
const lastCount = (output: string, word: string): number => {
  const lines = output.matchAll(new RegExp(`^ *(\\d+) ${word}s?$`, "gm"));
  return Number([...lines].at(-1)?.[1] ?? 0);
};
