/**
 * The contract of adapters: what carries out operations on files, batches and fine-tuning jobs where a
 * provider does not speak OpenAI's shapes.
 *
 * An adapter is an object in a module `resource.<provider>-<family>.ts`, listed in `resources.ts`; a row says
 * `adapters: { files: "name", … }`. Each operation it has is one function from a `ResourceCall` to a
 * `ResourceAnswer`. It may send as many requests as it needs: `call.send` signs them as the row says, puts the
 * row's header options on them, keeps to the call's deadline and cancellation, and goes through the egress.
 * A refusal of the upstream's ends the operation by itself (`UpstreamRefused` is thrown and answered in the
 * client's dialect, and retried and fallen back from like any other). Bad input is a `GatewayError`; an
 * answer that cannot be read is a `MalformedReply`. What cannot be carried goes into `notes`.
 *
 * An operation that the adapter does not have is refused with 400 and the list of those it has, unless the
 * adapter `passes`: then the client's own request goes on untouched, as for a row without adapters.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { Bytes } from "../lib/bytes.ts";
import type { FormPart } from "../lib/form-stream.ts";
import type { HttpResponse } from "../lib/http.ts";
import type { Fault } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Auth } from "../schema/provider-row.ts";
import type { Operation, OperationName } from "../schema/resource.ts";
import type { RequestTarget } from "./dialect.ts";

/** One request of an adapter's to the provider. */
export interface ResourceRequest {
  /** GET when absent. */
  readonly method?: string;
  /** An absolute URL: made with `call.host` and `call.home`, or named by the provider in an answer of its. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is JSON unless `headers` say otherwise. A stream can be sent by signers that do not hash bodies. */
  readonly body?: string | Bytes | FormData | ReadableStream<Bytes> | null;
  /** Another signature than the row's; `{ kind: "none" }` for a URL that was signed already. */
  readonly auth?: Auth;
  /** Provider options that this request alone is signed with: `{ aws_service: "s3" }`. */
  readonly options?: Readonly<Record<string, string>>;
  /** It undoes what was begun: sent also when the client has left, or the time is up. */
  readonly isCleanup?: boolean;
  /** The provider (not our table) named the URL's host, so the egress policy judges it as a caller's. */
  readonly isForeign?: boolean;
}

export interface ResourceCall extends Operation, RequestTarget {
  /** The client's JSON body with the target's overrides; empty where there is none. */
  readonly body: JsonObject;
  readonly query: URLSearchParams;
  /** The same as it came, `?` included, or empty. */
  readonly search: string;
  /** The model that the target asks for. */
  readonly model: string | null;
  /** An option that is an object (a service account). */
  readonly object: (name: string) => JsonObject | undefined;
  /**
   * A virtual key or a config of the operator's is used: what its credentials open is not the request's to
   * choose. So it is where a request brings none and the gateway's own environment has some.
   */
  readonly isOperators: boolean;
  /** A key or a token was given: by the request, by a virtual key, or by a variable that the row names. */
  readonly hasCredential: boolean;
  /** The host is the provider's own; else it is a custom one that stands for all of the provider's hosts. */
  readonly atHome: boolean;
  /** `strict_open_ai_compliance`. */
  readonly strict: boolean;
  /** Seconds since 1970. */
  readonly now: number;
  /** The client's call: the same in every attempt of it. */
  readonly callId: string;
  /** A fresh id for something that needs a name. */
  readonly freshId: () => string;
  /** A base of the row's `hosts` by its name, filled in; the custom host where there is one. */
  readonly host: (name: string) => string;
  /** A path of OpenAI's below `/v1` at the row's own base, as a passed-through call would be sent there. */
  readonly home: (path: string, search?: string) => string;
  /** The parts of the client's form as they come; 400 where the body is none. Can be read once. */
  readonly form: () => AsyncIterable<FormPart>;
  /** The answer, its body unread. Throws `UpstreamRefused` unless the status is a success. */
  readonly send: (request: ResourceRequest) => Promise<HttpResponse>;
  /** The same for an answer that has to be a JSON object. */
  readonly json: (request: ResourceRequest) => Promise<JsonObject>;
}

export interface ResourceAnswer {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: HeaderFields | Readonly<Record<string, string>>;
  /** A stream is handed on as it comes; one that breaks off breaks the client's off, visibly. */
  readonly body: JsonObject | ReadableStream<Bytes>;
  readonly notes?: readonly string[];
}

export type Perform = (call: ResourceCall) => Promise<ResourceAnswer>;

export interface ResourceAdapter {
  readonly operations: Readonly<Partial<Record<OperationName, Perform>>>;
  /** Other operations are passed through as they come. */
  readonly passes?: boolean;
  /** An upstream's refusal, where it is not said in the row's dialect. `body` is JSON, or text where it is none. */
  readonly readError?: (status: number, body: unknown, headers: HeaderFields) => Fault | undefined;
}

/** The upstream answered a request of an adapter's with no success. */
export class UpstreamRefused extends Error {
  readonly response: HttpResponse;

  constructor(response: HttpResponse) {
    super(`status ${response.status}`);
    this.name = "UpstreamRefused";
    this.response = response;
  }
}

/** An answer handed on with the upstream's own status, headers and bytes. */
export const passedOn = (response: HttpResponse): ResourceAnswer => ({
  status: response.status,
  headers: response.headers,
  body: response.body ?? new ReadableStream<Bytes>({ start: (controller) => controller.close() }),
});
