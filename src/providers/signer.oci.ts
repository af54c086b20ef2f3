/**
 * Signs requests to Oracle Cloud: HTTP signatures with the caller's RSA key.
 *
 * docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm
 */
import { createHash, createPrivateKey, createSign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { Signer, SignRequest } from "./signer.ts";
import { missingInput } from "./url.ts";

export const signOci: Signer = (request) => {
  const { keyId, key } = identityOf(request);
  Object.assign(request.headers, signedHeaders(request));
  const names = hasBody(request) ? [...ALWAYS, ...WITH_BODY] : ALWAYS;
  const text = names.map((name) => `${name}: ${valueOf(request, name)}`).join("\n");
  const signature = createSign("RSA-SHA256").update(text).sign(key, "base64");
  request.headers["authorization"] =
    `Signature version="1",keyId="${keyId}",algorithm="rsa-sha256",headers="${names.join(" ")}",signature="${signature}"`;
};

const ALWAYS = ["(request-target)", "x-date", "host"];
const WITH_BODY = ["x-content-sha256", "content-type", "content-length"];

const hasBody = ({ method }: SignRequest): boolean =>
  method === "POST" || method === "PUT" || method === "PATCH";

/** `x-date` stands for `date`, which not every HTTP client sends as it was set. */
const signedHeaders = (request: SignRequest): Record<string, string> => {
  const date = { "x-date": new Date(request.now()).toUTCString() };
  if (!hasBody(request)) return date;
  const bytes = bodyBytes(request.body);
  return {
    ...date,
    "x-content-sha256": createHash("sha256").update(bytes).digest("base64"),
    "content-type": request.headers["content-type"] ?? "application/json",
    "content-length": String(bytes.byteLength),
  };
};

const bodyBytes = (body: SignRequest["body"]): Uint8Array => {
  if (body === null) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  throw new GatewayError("request_too_large", "The request body is too large to be signed");
};

const valueOf = ({ method, url, headers }: SignRequest, name: string): string => {
  const { host, pathname, search } = new URL(url);
  if (name === "(request-target)") return `${method.toLowerCase()} ${pathname}${search}`;
  return name === "host" ? host : (headers[name] ?? "");
};

interface Identity {
  /** `tenancy/user/fingerprint` */
  readonly keyId: string;
  readonly key: KeyObject;
}

/** The four that belong together, and the variables of Oracle's own command line that hold them. */
const PARTS = Object.freeze({
  oracle_tenancy: "OCI_CLI_TENANCY",
  oracle_user: "OCI_CLI_USER",
  oracle_fingerprint: "OCI_CLI_FINGERPRINT",
  oracle_private_key: "OCI_CLI_KEY_CONTENT",
});

type Part = keyof typeof PARTS;

const identityOf = (request: SignRequest): Identity => {
  const isGiven = (Object.keys(PARTS) as Part[]).some((part) => request.option(part) !== undefined);
  const read = (part: Part): string => {
    const value = isGiven ? request.option(part) : heldBy(request, PARTS[part]);
    if (value === undefined) throw missingInput({ id: "oracle" }, part);
    return value;
  };
  const passphrase = isGiven
    ? request.option("oracle_key_passphrase")
    : heldBy(request, "OCI_CLI_PASSPHRASE");
  return {
    keyId: `${keyPart(read("oracle_tenancy"))}/${keyPart(read("oracle_user"))}/${keyPart(read("oracle_fingerprint"))}`,
    key: readKey(read("oracle_private_key"), passphrase),
  };
};

/** What the gateway itself holds only goes to Oracle. */
const heldBy = ({ atHome, environment }: SignRequest, variable: string): string | undefined =>
  (atHome ? environment[variable]?.trim() : undefined) || undefined;

/** The key's id stands in quotes. */
const keyPart = (value: string): string => value.trim().replaceAll(/[^\w.:-]/g, "");

/** A PEM key, PKCS#8 or PKCS#1; headers cannot hold line breaks, so they may be missing or spelled out. */
const readKey = (text: string, passphrase: string | undefined): KeyObject => {
  try {
    return createPrivateKey({ key: pemOf(text), ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // What the parser says may quote the key.
    throw invalidRequest("oracle_private_key", "is not a PEM private key, or its passphrase is another");
  }
};

const PEM = /-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----/;

const pemOf = (text: string): string => {
  const spelled = text.replaceAll("\\n", "\n");
  const [, label, body] = PEM.exec(spelled) ?? [];
  if (label === undefined || body === undefined || body.includes(":")) return spelled; // old encrypted keys hold headers
  const lines = body.replaceAll(/\s+/g, "").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
};
