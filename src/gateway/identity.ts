/** Who we are, on the wire and on the command line. */
import manifest from "../../package.json" with { type: "json" };

export const NAME = "turnpike";
export const VERSION: string = manifest.version;
export const USER_AGENT = `${NAME}/${VERSION}`;
