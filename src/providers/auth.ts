/** Signing for a provider: which header carries the credential, and where an unsaid one comes from. */
import type { Auth, ProviderRow } from "../schema/provider-row.ts";
import { signAzure } from "./signer.azure.ts";
import { signGoogle } from "./signer.google.ts";
import { signOci } from "./signer.oci.ts";
import { createSigv4 } from "./signer.sigv4.ts";
import type { Signer, SignRequest } from "./signer.ts";

/** Puts what proves the caller into the upstream request's headers; at once where nothing has to be fetched. */
export const sign = (auth: Auth, request: SignRequest): void | Promise<void> => {
  switch (auth.kind) {
    case "none":
      return undefined;
    case "bearer":
      return bearer(request);
    case "header":
      return header(auth, request);
    default:
      return signerOf(auth.kind)(request, auth);
  }
};

const bearer = ({ credential, headers }: SignRequest): void => {
  if (credential !== undefined)
    headers["authorization"] = SCHEME.test(credential) ? credential : `Bearer ${credential}`;
};

/** `Basic …`, `Token …`: no bearer token has a space (RFC 6750, section 2.1), so a scheme stands before it. */
const SCHEME = /^[A-Za-z][A-Za-z0-9-]* \S/;

const header = (auth: Extract<Auth, { kind: "header" }>, request: SignRequest): void => {
  const { credential, headers } = request;
  if (credential === undefined) return;
  if (auth.bearerPrefix !== undefined && credential.startsWith(auth.bearerPrefix)) bearer(request);
  else headers[auth.name] = auth.scheme === undefined ? credential : `${auth.scheme} ${credential}`;
};

/** Signers with a file of their own. */
const SIGNERS: ReadonlyMap<Auth["kind"], Signer> = new Map<Auth["kind"], Signer>([
  ["azure", signAzure],
  ["google", signGoogle],
  ["oci", signOci],
  ["sigv4", createSigv4()],
]);

const signerOf = (kind: Auth["kind"]): Signer => {
  const signer = SIGNERS.get(kind);
  if (signer === undefined) throw new Error(`There is no signer ${kind}`); // a row that no test has seen
  return signer;
};

/** Whether the row's calls need a key of the plain kind; other kinds say themselves what they miss. */
export const needsKey = (row: ProviderRow): boolean =>
  row.keyless !== true && (row.auth.kind === "bearer" || row.auth.kind === "header");

/** Whether the gateway itself can call the provider, as far as that is known before it tries. */
export const mayCall = (row: ProviderRow, environment: Environment): boolean =>
  row.keyless === true ||
  row.auth.kind === "sigv4" || // the machine that it runs on may have a role
  environmentCredential(row, environment) !== undefined;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The credential the gateway itself holds for a provider, by the row's variables. */
export const environmentCredential = (row: ProviderRow, environment: Environment): string | undefined => {
  for (const name of row.env ?? []) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
};
