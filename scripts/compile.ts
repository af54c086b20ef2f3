/** Compiles the gateway: `bun run compile [--target linux-x64]… [--all] [--outfile dist/turnpike]`. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { proveBoot } from "./boot.ts";
import { reasonOf, runScript } from "./command-line.ts";
import { BINARY, build, ENTRY, PLATFORMS, type Platform, platformOf } from "./recipe.ts";

/** Makes the binaries that were asked for, and boots each that runs on this machine. */
const main = async (): Promise<void> => {
  const { outfile, platforms } = readFlags();
  if (Bun.version !== manifest.engines.bun) {
    throw new Error(`Cannot compile: Bun ${manifest.engines.bun} is needed, this is ${Bun.version}`);
  }
  if (platforms.length === 0) await make(outfile, undefined);
  for (const platform of platforms) {
    await make(platforms.length === 1 ? outfile : outfileFor(outfile, platform), platform);
  }
};

interface Flags {
  readonly outfile: string;
  /** None: this machine's own. */
  readonly platforms: readonly Platform[];
}

const readFlags = (): Flags => {
  const { target = [], all = false, outfile = BINARY } = parseFlags();
  return { outfile, platforms: all ? PLATFORMS : target.map(knownPlatform) };
};

const parseFlags = () => {
  try {
    const { values } = parseArgs({
      options: {
        target: { type: "string", multiple: true },
        all: { type: "boolean" },
        outfile: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`Cannot compile: ${reasonOf(error)}`, { cause: error });
  }
};

const knownPlatform = (target: string): Platform => {
  const platform = platformOf(target);
  if (platform !== undefined) return platform;
  throw new Error(
    `Cannot compile: unknown target ${JSON.stringify(target)}; there are ${PLATFORMS.join(", ")}`,
  );
};

const outfileFor = (outfile: string, platform: Platform): string =>
  `${outfile}-${platform}${platform.startsWith("windows") ? ".exe" : ""}`;

const make = async (outfile: string, platform: Platform | undefined): Promise<void> => {
  await build({ entry: ENTRY, outfile: resolve(outfile), platform });
  const runsHere = platform === undefined || platform === hostPlatform();
  if (runsHere) await proveBoot(outfile);
  const megabytes = (statSync(outfile).size / 1e6).toFixed(1);
  console.log(`${outfile} ${megabytes} MB${runsHere ? ", boots" : ", not booted: another platform"}`);
};

const hostPlatform = (): Platform | undefined => {
  const os = process.platform === "win32" ? "windows" : process.platform;
  return platformOf(`${os}-${process.arch}${os === "linux" && !hasGlibc() ? "-musl" : ""}`);
};

/** Bun keeps Node's diagnostic report, which names the C library's version only if it is glibc. */
const hasGlibc = (): boolean => JSON.stringify(process.report.getReport()).includes("glibcVersionRuntime");

await runScript(main);
