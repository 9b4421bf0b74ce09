import type { TokenCounts } from '@sandboxed/domain';
import { NO_TOKENS } from '@sandboxed/domain';
import { addTokens, tokenCounts } from '../token-math.ts';
import type { LineOf, ModelUsage, Usage } from './lines.ts';

const counts = (usage: Usage): TokenCounts =>
  tokenCounts({
    input: usage.input_tokens,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
    cache_read: usage.cache_read_input_tokens,
    cache_write: usage.cache_creation_input_tokens,
  });

const modelCounts = (usage: ModelUsage): TokenCounts =>
  tokenCounts({
    input: usage.inputTokens,
    output: usage.outputTokens,
    reasoning: usage.thinkingTokens,
    cache_read: usage.cacheReadInputTokens,
    cache_write: usage.cacheCreationInputTokens,
  });

/** Counts the tokens of a run: from the streamed answers while it goes on, from the result when there is one. */
export function createMeter(): {
  start(usage: Usage | undefined): void;
  finish(usage: Usage | undefined): TokenCounts;
  total(result: LineOf<'result'>): TokenCounts;
} {
  let spent = NO_TOKENS;
  let asked = NO_TOKENS;
  return {
    start(usage) {
      asked = usage === undefined ? NO_TOKENS : counts(usage);
    },
    finish(usage) {
      const { output_tokens: output = 0 } = usage ?? {};
      const { thinking_tokens: reasoning = 0 } =
        usage?.output_tokens_details ?? {};
      spent = addTokens(spent, tokenCounts({ ...asked, output, reasoning }));
      asked = NO_TOKENS;
      return spent;
    },
    total({ model_usage_since_last_result: models, usage }) {
      const each = Object.values(models ?? {});
      if (each.length > 0)
        return each.map(modelCounts).reduce(addTokens, NO_TOKENS);
      return usage === undefined ? spent : counts(usage);
    },
  };
}

/** What a run cost: `total_cost_usd` is that of the whole session when it was resumed. */
export function spentSince(
  {
    model_usage_since_last_result: models,
    total_cost_usd: total,
  }: LineOf<'result'>,
  before: number | undefined,
): number | undefined {
  const costs = Object.values(models ?? {}).map(({ costUSD }) => costUSD);
  if (costs.length > 0)
    return costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
  if (total === undefined) return undefined;
  return before !== undefined && before <= total ? total - before : total;
}
