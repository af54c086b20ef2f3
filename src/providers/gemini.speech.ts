/**
 * Gemini's speaking models (ai.google.dev/gemini-api/docs/speech-generation), asked and heard in the words of
 * OpenAI's chat API: github.com/BerriAI/litellm/issues/11118, pull/11287.
 */
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Note } from "./dialect.ts";

/** They say 16-bit samples, 24,000 of them a second: what OpenAI calls `pcm16`. */
const FORMAT = "pcm16";

/** OpenAI's own voices, none of which Gemini has; without a name it picks one. */
const FOREIGN_VOICES = names("alloy ash ballad coral echo fable nova onyx sage shimmer verse marin cedar");

/** The fields of a client's body that say how to answer. */
export const SPEECH = names("audio modalities");

/** The fields of `generationConfig` that `audio` and `modalities` of a client's body become. */
export const writeSpeech = (fields: JsonObject, notes: Set<Note>): JsonObject => {
  const { audio } = fields;
  // "models/gemini-2.5-pro-preview-tts accepts the following combination of response modalities: * AUDIO"
  const spoken = { responseModalities: ["AUDIO"] };
  if (!isObject(audio)) return spoken;
  const { voice, format = FORMAT } = audio;
  if (format !== FORMAT) notes.add("audio.format");
  if (!isString(voice)) return spoken;
  if (FOREIGN_VOICES.has(voice.toLowerCase())) {
    notes.add("audio.voice");
    return spoken;
  }
  return { ...spoken, speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } } };
};

/** A piece of what was said. It is kept nowhere, so nobody can refer to it by its id. */
export const heardPiece = (id: string, isFirst: boolean, mimeType: string, data: string): JsonObject => ({
  type: "audio",
  mimeType,
  audio: isFirst ? { id, data, expires_at: 0, transcript: "" } : { data },
});
