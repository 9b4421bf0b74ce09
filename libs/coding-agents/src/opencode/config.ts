import { z } from 'zod';
import { withVersion } from '../base-url.ts';
import type { Order } from '../coding-agent.ts';

type Json = Record<string, unknown>;

const jsonObjectSchema = z.record(z.string(), z.unknown());
const asObject = (value: unknown): Json =>
  jsonObjectSchema.catch({}).parse(value);

function parsed(text: string | undefined): Json {
  if (text === undefined) return {};
  try {
    return asObject(JSON.parse(text));
  } catch {
    // Not a configuration: the task still runs with ours.
    return {};
  }
}

/** `over` wins; objects are merged, anything else is replaced. */
function merge(under: Json, over: Json): Json {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const both = jsonObjectSchema.safeParse(merged[key]);
    const fresh = jsonObjectSchema.safeParse(value);
    merged[key] =
      both.success && fresh.success ? merge(both.data, fresh.data) : value;
  }
  return merged;
}

/** Provider and name of a model. A bare name belongs to the provider whose key is set, Anthropic first. */
function modelOf(
  model: string,
  env: Order['env'],
): { provider: string; name: string } {
  const slash = model.indexOf('/');
  if (slash > 0)
    return { provider: model.slice(0, slash), name: model.slice(slash + 1) };
  const { ANTHROPIC_API_KEY: anthropic = '', OPENAI_API_KEY: openai = '' } =
    env;
  return {
    provider: anthropic === '' && openai !== '' ? 'openai' : 'anthropic',
    name: model,
  };
}

function provider(baseUrl: string | undefined): Json {
  return baseUrl === undefined || baseUrl === ''
    ? {}
    : { options: { baseURL: withVersion(baseUrl) } };
}

/**
 * OpenCode's configuration for an order. The user's own `OPENCODE_CONFIG_CONTENT` wins over the defaults; the task's model and the rules of the
 * place are added to it. Keys stay in the environment.
 */
export function configContent({ env, model, instructionsFile }: Order): string {
  const own = parsed(env['OPENCODE_CONFIG_CONTENT']);
  const defaults: Json = {
    autoupdate: false,
    share: 'disabled',
    permission: { '*': 'allow' },
    provider: {
      anthropic: provider(env['ANTHROPIC_BASE_URL']),
      openai: provider(env['OPENAI_BASE_URL']),
    },
  };
  const ownInstructions = z.array(z.unknown()).catch([]);
  const asked: Json = {
    instructions: [
      ...ownInstructions.parse(own['instructions']),
      instructionsFile,
    ],
  };
  if (model !== undefined) {
    const { provider, name } = modelOf(model, env);
    asked['model'] = `${provider}/${name}`;
    // Declared, so that a name which OpenCode does not know works too; what it knows of the others stays.
    asked['provider'] = { [provider]: { models: { [name]: {} } } };
  }
  return JSON.stringify(merge(merge(defaults, own), asked));
}
