import type { AgentFailure } from './coding-agent.ts';
import { clip, TEXT_LIMITS } from './bounds.ts';
import type { ErrorWords } from './error-words.ts';

/** A link to a billing page is in many an answer about mere rate limits. */
const QUOTA =
  /insufficient[_ ]quota|exceeded your (?:current|monthly) quota|quota exceeded|credit balance|out of credits|insufficient (?:credits|funds|balance)|(?<!\/)\bbilling\b|payment required|usage limit|spending limit/i;
const RATE_LIMIT = /rate[_ ]limit/i;
const AUTH =
  /not logged in|please run \/login|(?:invalid|incorrect|missing|no) (?:x-)?api[- _]?key|api[- _]key (?:is )?(?:missing|invalid|not)|missing environment variable|authentication[_ ](?:error|failed)|invalid_api_key|unauthorized|invalid bearer token/i;
const NETWORK =
  /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|socket|fetch failed|unable to connect|connection|network|timed? ?out|stream (?:disconnected|closed|ended)|error sending request|overloaded|internal server error|bad gateway|service unavailable|rate[_ ]limit|too many requests|invalid response|unexpected (?:end|content)|malformed response|not valid JSON|JSON pars|API[ _]error/i;

type Kind = 'provider_auth' | 'provider_quota' | 'provider_error';

function kindOf({ text, status, hints }: ErrorWords): Kind | undefined {
  const all = `${text} ${hints}`;
  const rateLimited = RATE_LIMIT.test(all) && !/insufficient_quota/i.test(all);
  if (status === 402) return 'provider_quota';
  if (QUOTA.test(all) && !rateLimited) return 'provider_quota';
  if (status === 401 || status === 403) return 'provider_auth';
  if (status === undefined && AUTH.test(all)) return 'provider_auth';
  if (status !== undefined || NETWORK.test(all)) return 'provider_error';
  return undefined;
}

/** Names of a program and of the variable that holds its key, for the user. */
export interface AgentWords {
  readonly title: string;
  readonly key: string;
}

const MESSAGES: Record<Kind, (who: AgentWords, words: string) => string> = {
  provider_auth: ({ key }, words) =>
    `The login at the model's provider failed: ${words} Set a good ${key} in the environment of the sandbox or of the task.`,
  provider_quota: (_, words) =>
    `The account at the model's provider has nothing left: ${words} Add credit or use another key.`,
  provider_error: (_, words) => `The model's provider failed: ${words}`,
};

/** What kind of failure the words tell of, with the words in its message. */
export function classify(who: AgentWords, words: ErrorWords): AgentFailure {
  const kind = kindOf(words);
  const said = clip(words.text.trim(), TEXT_LIMITS.failure);
  const sentence = said === '' || /[.!?]$/.test(said) ? said : `${said}.`;
  if (kind === undefined) {
    const message = `${who.title} failed: ${sentence || 'it does not say why.'}`;
    return { reason: 'agent_error', message, permanent: false };
  }
  return {
    reason: kind,
    message: MESSAGES[kind](who, sentence),
    permanent: kind !== 'provider_error',
  };
}
