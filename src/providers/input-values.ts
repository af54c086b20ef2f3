/** What of a header's value goes to the vendor, where it lists things of which the vendor refuses some. */
import type { HeaderInput } from "../schema/provider-row.ts";
import { takenBetas } from "./claude.betas.ts";
import type { Note } from "./dialect.ts";

/** Undefined where nothing of it is left; what is left out is noted. */
export const takenValue = ({ betasAt }: HeaderInput, said: string, notes: Note[]): string | undefined =>
  betasAt === undefined ? said : takenBetas(betasAt, [said], notes)?.join(",");
