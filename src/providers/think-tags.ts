/**
 * Thoughts that stand in the text, between `<think>` and `</think>` at its beginning: open models behind servers without
 * a parser for them, and Perplexity's (its chat model of LangChain strips them: reference.langchain.com/python/
 * langchain-perplexity). Clients of other APIs have a place for thoughts: github.com/lich0821/ccNexus/pull/100.
 */

export interface Said {
  readonly isThought: boolean;
  readonly text: string;
}

const OPEN = "<think>";
const CLOSE = "</think>";

export class ThinkTags {
  #state: "start" | "thought" | "text" = "start";
  /** What may be a part of a tag. */
  #held = "";
  /** Space behind a tag is no one's. */
  #skipsSpace = false;

  /** Text is said already, or thoughts are said elsewhere: whatever comes is text. */
  settle(): void {
    if (this.#state === "start" && this.#held === "") this.#state = "text";
  }

  split(text: string): readonly Said[] {
    if (this.#state === "text" && !this.#skipsSpace) return [{ isThought: false, text }];
    return this.#read(this.#held + text);
  }

  /** What is held is no tag. */
  finish(): readonly Said[] {
    const rest = this.#held;
    this.#held = "";
    return rest === "" ? NOTHING : [{ isThought: this.#state === "thought", text: rest }];
  }

  #read(text: string): readonly Said[] {
    this.#held = "";
    if (this.#state === "start") return this.#begin(text);
    const said = this.#skipsSpace ? text.trimStart() : text;
    if (said === "") return NOTHING;
    this.#skipsSpace = false;
    return this.#state === "thought" ? this.#think(said) : [{ isThought: false, text: said }];
  }

  #begin(text: string): readonly Said[] {
    const said = text.trimStart();
    if (said.startsWith(OPEN)) return this.#enter("thought", said.slice(OPEN.length));
    if (OPEN.startsWith(said)) {
      this.#held = text;
      return NOTHING;
    }
    this.#state = "text";
    return [{ isThought: false, text }];
  }

  #think(text: string): readonly Said[] {
    const end = text.indexOf(CLOSE);
    if (end !== -1)
      return [...thought(text.slice(0, end)), ...this.#enter("text", text.slice(end + CLOSE.length))];
    const kept = text.length - partOfTag(text);
    this.#held = text.slice(kept);
    return thought(text.slice(0, kept));
  }

  #enter(state: "thought" | "text", rest: string): readonly Said[] {
    this.#state = state;
    this.#skipsSpace = true;
    return this.#read(rest);
  }
}

const NOTHING: readonly Said[] = [];

const thought = (text: string): readonly Said[] => (text === "" ? NOTHING : [{ isThought: true, text }]);

/** How many of the last signs may begin the tag that ends thoughts. */
const partOfTag = (text: string): number => {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--)
    if (CLOSE.startsWith(text.slice(-length))) return length;
  return 0;
};
