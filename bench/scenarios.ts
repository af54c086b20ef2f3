/** The rows of the bench: what is asked of the gateway, what of the bare proxy, and what must come back. */
import { EVENTS } from "./canned.ts";
import type { Shot } from "./load.ts";

export interface Scenario {
  readonly name: string;
  readonly shot: Shot;
  /** The bare proxy knows no dialect: its caller names the path that the gateway would choose. */
  readonly barePath: string;
  /** How often the marker must be in the gateway's answer. */
  readonly marker: string;
  readonly times: number;
  readonly target: Target;
}

/** What the gateway may cost: so many times the bare proxy, or so much more than it for each event. */
export type Target =
  { readonly kind: "ratio"; readonly most: number } | { readonly kind: "per-event"; readonly mostUs: number };

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";

/** The scenarios, for a gateway that reaches the upstream at this origin. */
export const scenariosOf = (upstream: string): readonly Scenario[] => {
  const shot = (provider: "openai" | "anthropic", model: string, stream: boolean): Shot => ({
    path: CHAT,
    headers: {
      "content-type": "application/json",
      authorization: "Bearer sk-bench",
      "x-portkey-provider": provider,
      "x-portkey-custom-host": `${upstream}/v1`,
    },
    body: JSON.stringify({ model, stream, max_tokens: 256, messages: MESSAGES_SENT }),
  });
  return [
    {
      name: "JSON, same dialect",
      shot: shot("openai", "bench", false),
      barePath: CHAT,
      marker: '"chat.completion"',
      times: 1,
      target: { kind: "ratio", most: 1.5 },
    },
    {
      name: `Stream of ${EVENTS} events, same dialect`,
      shot: shot("openai", "bench", true),
      barePath: CHAT,
      marker: '"content":" gateway"',
      times: EVENTS,
      target: { kind: "ratio", most: 1.5 },
    },
    {
      name: `The same in one write`,
      shot: shot("openai", "at-once", true),
      barePath: CHAT,
      marker: '"content":" gateway"',
      times: EVENTS,
      target: { kind: "ratio", most: 1.5 },
    },
    {
      name: "JSON, OpenAI to Anthropic",
      shot: shot("anthropic", "bench", false),
      barePath: MESSAGES,
      marker: '"chat.completion"',
      times: 1,
      target: { kind: "ratio", most: 2.5 },
    },
    {
      name: `Stream of ${EVENTS} events, OpenAI to Anthropic`,
      shot: shot("anthropic", "bench", true),
      barePath: MESSAGES,
      marker: '"content":" gateway"',
      times: EVENTS,
      target: { kind: "per-event", mostUs: 10 },
    },
  ];
};

const MESSAGES_SENT = [
  { role: "system", content: "You answer in one paragraph." },
  { role: "user", content: "What does a gateway between applications and model providers do for a company?" },
];
