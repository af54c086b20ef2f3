/** AWS Signature Version 4 of a request (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
import { RequestSigner } from "aws4";
import { invalidRequest } from "../schema/errors.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Whose door is knocked at. */
export interface AwsScope {
  readonly region: string;
  readonly service: string;
}

export interface Signable {
  readonly method: string;
  readonly url: string;
  /** Lower-case names; the signature is added. */
  readonly headers: Record<string, string>;
  readonly body: BodyInit | null;
}

/** Signs what cannot change on the way: the path as it is sent, the body, and AWS's own headers. */
export const signAws = (
  request: Signable,
  credentials: AwsCredentials,
  scope: AwsScope,
  now: number,
): void => {
  const { method, headers, body } = request;
  const url = new URL(request.url);
  for (const name of SIGNERS_OWN) delete headers[name];
  headers["x-amz-date"] = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  headers["x-amz-content-sha256"] = digest(body);
  if (credentials.sessionToken !== undefined) headers["x-amz-security-token"] = credentials.sessionToken;
  const signer = new RequestSigner(
    {
      method,
      path: url.pathname + url.search,
      headers: { host: url.host, ...signedHeaders(headers) },
      ...scope,
    },
    { ...credentials },
  );
  signer.datetime = headers["x-amz-date"]; // it would take the clock's before it reads the header
  headers["authorization"] = signer.authHeader();
};

/** A client that signs for itself signed for another host. */
const SIGNERS_OWN = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] as const;

/** Others may be rewritten between here and there. */
const signedHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === "content-type" || name.startsWith("x-amz")),
  );

const digest = (body: BodyInit | null): string => {
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array))
    throw invalidRequest("body", "A form or a body too large to be kept cannot be signed for AWS");
  return new Bun.CryptoHasher("sha256").update(body ?? "").digest("hex");
};
