/** The results as the Markdown tables that the README shows. */
import { cpus } from "node:os";
import type { Measured } from "./measure.ts";
import type { Scenario } from "./scenarios.ts";
import type { Start } from "./start.ts";

export interface Results {
  readonly rows: readonly (readonly [Scenario, Measured])[];
  readonly start: Start;
  readonly idleBytes: number;
}

const MOST_START_MS = 150;
const MOST_IDLE_MB = 60;

export const report = ({ rows, start, idleBytes }: Results): string =>
  [
    "| CPU time per request | bare proxy | Turnpike | | target |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows.map(([scenario, measured]) => costRow(scenario, measured)),
    "",
    "| | Turnpike | target |",
    "| --- | ---: | ---: |",
    `| Start to the first healthy answer | ${start.healthyMs.toFixed(0)} ms | ≤ ${MOST_START_MS} ms |`,
    `| Start to the first proxied answer | ${start.proxiedMs.toFixed(0)} ms | |`,
    `| Resident memory, idle for 2 s | ${(idleBytes / 1e6).toFixed(0)} MB | ≤ ${MOST_IDLE_MB} MB |`,
    "",
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Bun ${Bun.version}, ${process.platform} ${process.arch}`,
  ].join("\n");

const costRow = ({ name, target }: Scenario, measured: Measured): string => {
  const [result, most] =
    target.kind === "ratio"
      ? [`${measured.ratio.toFixed(2)} ×`, `≤ ${target.most} ×`]
      : [`+ ${measured.perEventUs.toFixed(1)} µs an event`, `≤ ${target.mostUs} µs an event`];
  return `| ${name} | ${us(measured.bareUs)} | ${us(measured.gatewayUs)} | ${result} | ${most} |`;
};

const us = (value: number): string => `${value.toFixed(0)} µs`;
