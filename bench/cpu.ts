/** What the kernel knows about a process: CPU time and resident memory, from /proc (https://man7.org/linux/man-pages/man5/proc.5.html). */
import { readFileSync } from "node:fs";

/** USER_HZ, in which the kernel tells CPU time to programs, is 100 on every platform that Bun runs on. */
const TICK_US = 10_000;

/** CPU time of all threads of the process so far, in user and in kernel. */
export const cpuUs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in brackets, and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [fields[11], fields[12]];
  return (Number(userTicks) + Number(systemTicks)) * TICK_US;
};

/** Resident memory, in bytes. */
export const residentBytes = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
};
