/** Signing for a provider: which header carries the credential, and where an unsaid one comes from. */
import type { Auth, ProviderRow } from "../schema/provider-row.ts";

/** Puts the credential into the upstream request's headers. */
export const sign = (auth: Auth, credential: string | undefined, headers: Record<string, string>): void => {
  if (credential === undefined) return;
  switch (auth.kind) {
    case "none":
      return;
    case "bearer":
      headers["authorization"] = `Bearer ${credential}`;
      return;
    case "header":
      if (auth.bearerPrefix !== undefined && credential.startsWith(auth.bearerPrefix))
        headers["authorization"] = `Bearer ${credential}`;
      else headers[auth.name] = credential;
  }
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The credential the gateway itself holds for a provider, by the row's variables. */
export const environmentCredential = (row: ProviderRow, environment: Environment): string | undefined => {
  for (const name of row.env ?? []) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
};
