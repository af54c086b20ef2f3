/** The vendors' spellings of "think" and "do not". */
import { defined } from "../lib/defined.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ThinkingWords } from "../schema/provider-row.ts";

export const thinkingSwitch = (field: ThinkingWords["field"], isOn: boolean, budget?: number): JsonObject => {
  switch (field) {
    case "thinking":
      return { thinking: defined({ type: isOn ? "enabled" : "disabled", budget_tokens: budget }) };
    case "enable_thinking":
      return defined({ enable_thinking: isOn, thinking_budget: budget });
    case "reasoning":
      return { reasoning: budget === undefined ? { enabled: isOn } : { max_tokens: budget } };
  }
};
