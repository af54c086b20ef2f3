/** What every script of ours says when it cannot go on: one line on stderr, and an exit code that is not 0. */

/** Runs a script's main function; an error becomes its message, since the reader wants the reason, not our stack. */
export const runScript = async (main: () => Promise<void>): Promise<void> => {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
};

/** The first line of an error: enough to act on. */
export const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? message;
};
