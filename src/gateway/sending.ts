/** Signs one request for a target and sends it through the egress, on the attempt's leash. */
import type { Ending } from "../lib/ending.ts";
import type { HostTrust } from "../lib/egress.ts";
import type { HttpResponse } from "../lib/http.ts";
import { sign } from "../providers/auth.ts";
import type { Auth } from "../schema/provider-row.ts";
import type { Call } from "./call.ts";
import type { Leash } from "./deadline.ts";
import { forwarded } from "./forward.ts";
import type { Prepared } from "./prepare.ts";
import type { ResolvedTarget } from "./target.ts";

export type Outgoing = Pick<Prepared, "url" | "method" | "headers" | "body">;

const NONE: readonly string[] = [];

/** Where a request differs from what its target says. */
export interface Differing {
  readonly auth?: Auth | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly trust?: HostTrust | undefined;
}

export const send = (
  call: Call,
  target: ResolvedTarget,
  outgoing: Outgoing,
  held: Leash,
  differing: Differing = {},
): Promise<HttpResponse> => {
  const { egress } = call.surroundings;
  const go = (): Promise<HttpResponse> => {
    const { url, method, headers, body } = outgoing;
    return egress.send(url, { method, headers, body, signal: held.ending }, differing.trust ?? target.trust);
  };
  const signing = signedFor(call, target, outgoing, held, differing);
  return signing === undefined ? go() : signing.then(go);
};

/**
 * Writes into the headers; what the client wants forwarded goes over our own credential, too. A host that
 * neither it nor we have chosen gets nothing of the client's.
 */
export const signedFor = (
  call: Call,
  target: ResolvedTarget,
  outgoing: Outgoing,
  held: Leash,
  differing: Differing = {},
): void | Promise<void> => {
  const names = differing.trust === undefined ? target.forwardHeaders : NONE;
  const forward = (): void => forwarded(call.inbound.headers, names, outgoing.headers);
  const signing = signed(call, target, outgoing, held, differing);
  return signing === undefined ? forward() : beforeEnd(signing, held.ending).then(forward);
};

/** A token may have been asked for by another call, which has more time, and whose client is still there. */
const beforeEnd = (work: Promise<void>, ending: Ending): Promise<void> => {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(ending.reason);
  if (ending.aborted) end();
  ending.addEventListener("abort", end, { once: true });
  return Promise.race([work, ended]).finally(() => ending.removeEventListener("abort", end));
};

const signed = (
  call: Call,
  target: ResolvedTarget,
  outgoing: Outgoing,
  held: Leash,
  { auth, options = {} }: Differing,
): void | Promise<void> => {
  const { egress, environment, world } = call.surroundings;
  return sign(auth ?? target.row.auth, {
    method: outgoing.method,
    url: outgoing.url,
    headers: outgoing.headers,
    body: outgoing.body,
    credential: target.credential,
    option: (name) => (Object.hasOwn(options, name) ? options[name] : target.option(name)),
    object: target.object,
    atHome: target.atHome,
    environment,
    fetch: (url, init) => {
      const signal = init.signal === undefined ? held.ending : AbortSignal.any([held.signal, init.signal]);
      return egress.send(url, { ...init, signal }, "fixed");
    },
    now: () => world.date(),
  });
};
