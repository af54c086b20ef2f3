/** Providers of images and models in space, and those whose one API is passed through. */
import type { HeaderInput, ProviderRow } from "../schema/provider-row.ts";
import { FIREWORKS_EFFORTS } from "./efforts.ts";
import { FIREWORKS_REFUSES } from "./refused-fields.ts";

/** Without it, images come as bytes. */
const ACCEPT_JSON: HeaderInput = { option: "accept", header: "accept", default: "application/json" };

const fireworks: ProviderRow = {
  id: "fireworks-ai",
  name: "Fireworks AI",
  aliases: ["fireworks"],
  dialect: "openai-chat",
  base: "https://api.fireworks.ai/inference/v1",
  auth: { kind: "bearer" },
  env: ["FIREWORKS_API_KEY"],
  paths: {
    chat: "/chat/completions",
    completions: "/completions",
    embeddings: "/embeddings",
    images: "/image_generation/accounts/fireworks/models/{model}",
    models: "/models",
    rerank: "/rerank",
    transcriptions: "/audio/transcriptions",
    translations: "/audio/translations",
  },
  codecs: { images: "fireworks-images", rerank: "text-rerank" },
  adapters: { files: "fireworks-files", batches: "fireworks-batches", fine_tuning: "fireworks-tuning" },
  hosts: { control: "https://api.fireworks.ai" },
  quirks: {
    developerAsSystem: true,
    refuses: FIREWORKS_REFUSES,
    efforts: FIREWORKS_EFFORTS,
    takesTopK: true,
    // "Requests with max_tokens > 4096 must have stream=true": github.com/nullclaw/nullclaw/pull/231
    streamsAbove: 4096,
    textContent: "parts",
  },
  variants: [
    {
      // docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt
      pathname: "^/v1/images/generations$",
      models: "^accounts/.*flux",
      row: {
        paths: { images: "/workflows/{model}/text_to_image" },
        codecs: { images: "fireworks-flux" },
        inputs: [ACCEPT_JSON],
      },
    },
    {
      pathname: "^/v1/images/generations$",
      models: "flux",
      row: {
        paths: { images: "/workflows/accounts/fireworks/models/{model}/text_to_image" },
        codecs: { images: "fireworks-flux" },
        inputs: [ACCEPT_JSON],
      },
    },
    {
      pathname: "^/v1/images/generations$",
      models: "^accounts/",
      row: { paths: { images: "/image_generation/{model}" }, inputs: [ACCEPT_JSON] },
    },
    { pathname: "^/v1/images/generations$", row: { inputs: [ACCEPT_JSON] } },
    {
      // docs.fireworks.ai/guides/querying-asr-models: each model has machines of its own
      pathname: "^/v1/audio/",
      models: "turbo",
      row: { base: "https://audio-turbo.api.fireworks.ai/v1" },
    },
    { pathname: "^/v1/audio/", row: { base: "https://audio-prod.api.fireworks.ai/v1" } },
    {
      // Data sets, deployments and tuning belong to an account: docs.fireworks.ai/api-reference/introduction
      pathname: "^/v1/proxy/",
      option: { name: "fireworks_account_id", matches: "." },
      row: {
        base: "https://api.fireworks.ai/v1/accounts/{fireworks_account_id}",
        places: [{ option: "fireworks_account_id", kind: "path" }],
      },
    },
  ],
};

const meshy: ProviderRow = {
  id: "meshy",
  name: "Meshy",
  dialect: "openai-chat",
  base: "https://api.meshy.ai/openapi/v1",
  auth: { kind: "bearer" },
  env: ["MESHY_API_KEY"],
  paths: {},
  // docs.meshy.ai/api: text to 3D is of the second version, everything else of the first
  variants: [{ pathname: "/text-to-3d", row: { base: "https://api.meshy.ai/openapi/v2" } }],
};

const recraft: ProviderRow = {
  id: "recraft-ai",
  name: "Recraft",
  aliases: ["recraft"],
  dialect: "openai-chat",
  base: "https://external.api.recraft.ai/v1",
  auth: { kind: "bearer" },
  env: ["RECRAFT_API_TOKEN"],
  paths: { images: "/images/generations" },
  codecs: { images: "recraft-images" },
};

const replicate: ProviderRow = {
  id: "replicate",
  name: "Replicate",
  dialect: "openai-chat",
  base: "https://api.replicate.com/v1",
  auth: { kind: "bearer" },
  env: ["REPLICATE_API_TOKEN"],
  paths: {},
};

const segmind: ProviderRow = {
  id: "segmind",
  name: "Segmind",
  dialect: "openai-chat",
  base: "https://api.segmind.com/v1",
  auth: { kind: "header", name: "x-api-key" },
  env: ["SEGMIND_API_KEY"],
  paths: { images: "/{model}" },
  codecs: { images: "segmind-images" },
};

const stability: ProviderRow = {
  id: "stability-ai",
  name: "Stability AI",
  aliases: ["stability"],
  dialect: "openai-chat",
  base: "https://api.stability.ai",
  auth: { kind: "bearer" },
  env: ["STABILITY_API_KEY"],
  // platform.stability.ai/docs/api-reference#tag/Generate
  paths: { images: "/v2beta/stable-image/generate/{model}" },
  codecs: { images: "stability-images" },
  inputs: [
    ACCEPT_JSON,
    { option: "stability_client_id", header: "stability-client-id" },
    { option: "stability_client_user_id", header: "stability-client-user-id" },
    { option: "stability_client_version", header: "stability-client-version" },
  ],
  variants: [
    {
      models: "^stable-diffusion-(?:xl|v1)",
      row: {
        paths: { images: "/v1/generation/{model}/text-to-image" },
        codecs: { images: "stability-v1-images" },
      },
    },
    { models: "^sd3[.-]", row: { paths: { images: "/v2beta/stable-image/generate/sd3" } } },
  ],
};

const tripo3d: ProviderRow = {
  id: "tripo3d",
  name: "Tripo",
  dialect: "openai-chat",
  base: "https://api.tripo3d.ai/v2/openapi",
  auth: { kind: "bearer" },
  env: ["TRIPO_API_KEY"],
  paths: {},
};

export const MEDIA_ROWS: readonly ProviderRow[] = [
  fireworks,
  meshy,
  recraft,
  replicate,
  segmind,
  stability,
  tripo3d,
];
