/**
 * Who the end user is, for APIs of OpenAI's shape: it takes 64 characters and answers longer ones with an error
 * ("Invalid 'user': string too long", github.com/maximhq/bifrost/pull/1000; OpenRouter and GLM take 128,
 * github.com/ujisati/claude-code-provider-proxy/pull/11 and github.com/looplj/axonhub/issues/1669). Claude Code's
 * `metadata.user_id` has about 150. A hash is the same for the same user, and what OpenAI advises anyway
 * (https://platform.openai.com/docs/guides/safety-best-practices).
 */
const LONGEST = 64;

export const userId = (user: string | undefined): string | undefined =>
  user === undefined || user.length <= LONGEST
    ? user
    : new Bun.CryptoHasher("sha256").update(user).digest("hex");
