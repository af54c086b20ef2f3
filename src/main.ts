/** The program: arguments, environment, signals. Nothing else is imported before the process is set up. */
import { bootAgain } from "./boot.ts";

const main = async (): Promise<void> => {
  if (bootAgain()) return;
  const { run } = await import("./cli.ts");
  await run(process.argv.slice(2));
};

void main();
