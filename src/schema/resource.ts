/** What can be asked of the things a provider keeps: files, batches and fine-tuning jobs, by OpenAI's paths. */

export const RESOURCE_FAMILIES = ["files", "batches", "fine_tuning"] as const;
export type ResourceFamily = (typeof RESOURCE_FAMILIES)[number];

export type OperationName =
  | "files.create"
  | "files.list"
  | "files.retrieve"
  | "files.content"
  | "files.delete"
  | "batches.create"
  | "batches.list"
  | "batches.retrieve"
  | "batches.cancel"
  | "batches.output"
  | "fine_tuning.create"
  | "fine_tuning.list"
  | "fine_tuning.retrieve"
  | "fine_tuning.cancel"
  | "fine_tuning.events"
  | "fine_tuning.checkpoints";

export interface Operation {
  readonly name: OperationName;
  /** What is asked about, percent-decoded once; empty for `create` and `list`. */
  readonly id: string;
}

/** Where a family's paths start. */
export const RESOURCE_PATHS: Readonly<Record<ResourceFamily, string>> = Object.freeze({
  files: "/v1/files",
  batches: "/v1/batches",
  fine_tuning: "/v1/fine_tuning/jobs",
});

/** Methods, and the word behind the id where there is one. */
const OPERATIONS: Readonly<Record<string, OperationName>> = Object.freeze({
  "files POST": "files.create",
  "files GET": "files.list",
  "files GET {id}": "files.retrieve",
  "files GET {id}/content": "files.content",
  "files DELETE {id}": "files.delete",
  "batches POST": "batches.create",
  "batches GET": "batches.list",
  "batches GET {id}": "batches.retrieve",
  "batches POST {id}/cancel": "batches.cancel",
  "batches GET {id}/output": "batches.output",
  "fine_tuning POST": "fine_tuning.create",
  "fine_tuning GET": "fine_tuning.list",
  "fine_tuning GET {id}": "fine_tuning.retrieve",
  "fine_tuning POST {id}/cancel": "fine_tuning.cancel",
  "fine_tuning GET {id}/events": "fine_tuning.events",
  "fine_tuning GET {id}/checkpoints": "fine_tuning.checkpoints",
});

/** The operation that a method and a path mean; undefined for what OpenAI's table above does not have. */
export const operationOf = (
  family: ResourceFamily,
  method: string,
  pathname: string,
): Operation | undefined => {
  const rest = pathname.slice(RESOURCE_PATHS[family].length).replace(/^\/|\/$/g, "");
  const [, word] = /\/([a-z]+)$/.exec(rest) ?? [];
  const named = word === undefined ? undefined : OPERATIONS[`${family} ${method} {id}/${word}`];
  if (named !== undefined && word !== undefined)
    return { name: named, id: decoded(rest.slice(0, -word.length - 1)) };
  // Ids that are URIs or ARNs may come with their slashes as they are.
  const name = OPERATIONS[rest === "" ? `${family} ${method}` : `${family} ${method} {id}`];
  return name === undefined ? undefined : { name, id: decoded(rest) };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
};
