/** The events of one response, numbered as they are said, and the items that they have made so far. */
import { namedFrame } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";

export class Line {
  #frames: string[] = [];
  #sequence = 0;
  #opened = 0;
  /** By output index; what is still open is not there yet. */
  readonly #items: JsonObject[] = [];

  /** The frames since it was last called. */
  take(): readonly string[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  get items(): readonly JsonObject[] {
    return this.#items.filter(() => true); // without the holes of open items
  }

  get opened(): number {
    return this.#opened;
  }

  /** `fields` is JSON text without its braces. */
  say(type: string, fields: string): void {
    const data = `{"type":"${type}","sequence_number":${this.#sequence++},${fields}}`;
    this.#frames.push(namedFrame(type, data));
  }

  /** The index of a new item. */
  add(item: JsonObject): number {
    const index = this.#opened++;
    this.say("response.output_item.added", `"output_index":${index},"item":${JSON.stringify(item)}`);
    return index;
  }

  done(index: number, item: JsonObject): void {
    this.#items[index] = item;
    this.say("response.output_item.done", `"output_index":${index},"item":${JSON.stringify(item)}`);
  }
}

/** What the events of an item say of their place. */
export const placeOf = (id: string, index: number): string =>
  `"item_id":${JSON.stringify(id)},"output_index":${index}`;
