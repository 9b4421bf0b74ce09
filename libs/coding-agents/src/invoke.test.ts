import { AGENT_NAMES } from '@sandboxed/domain';
import { z } from 'zod';
import type { Order } from './index.ts';
import { CODING_AGENTS, INSTRUCTIONS } from './index.ts';

const order = (more: Partial<Order> = {}): Order => ({
  prompt: 'Make a page.\nWith "quotes".',
  model: undefined,
  session: undefined,
  env: {},
  instructionsFile: '/home/sandbox/rules.md',
  instructions: INSTRUCTIONS,
  ...more,
});

const KEYS = {
  ANTHROPIC_API_KEY: 'sk-ant-secret',
  OPENAI_API_KEY: 'sk-secret',
};

describe.each([...AGENT_NAMES])('%s', (name) => {
  const invoke = (more?: Partial<Order>) =>
    CODING_AGENTS[name].invoke(order(more));

  it('takes the prompt on its input, untouched', () => {
    expect(invoke().stdin).toBe('Make a page.\nWith "quotes".');
    expect(invoke().argv.join(' ')).not.toContain('Make a page');
  });

  it('puts no secret into its arguments or its configuration', () => {
    const { argv, env } = invoke({ env: KEYS, model: 'some-model' });
    expect(argv.join('\n')).not.toContain('secret');
    const { ANTHROPIC_API_KEY, OPENAI_API_KEY, ...others } = env;
    expect([ANTHROPIC_API_KEY, OPENAI_API_KEY]).toEqual(Object.values(KEYS));
    expect(JSON.stringify(others)).not.toContain('secret');
  });

  it('passes other variables on and lets them win over its defaults', () => {
    const env = { OWN: '1', DISABLE_TELEMETRY: '0', OPENCODE_DISABLE_FFF: '0' };
    expect(invoke({ env }).env).toMatchObject(env);
  });

  it('continues a session by its id', () => {
    const { argv } = invoke({ session: { id: 'the-session' } });
    expect(argv).toContain('the-session');
    expect(invoke().argv).not.toContain('the-session');
  });

  it.each(['https://models.example.org', 'https://models.example.org/v1/'])(
    'takes the base URL %s',
    (url) => {
      const env = { ANTHROPIC_BASE_URL: url, OPENAI_BASE_URL: url };
      const { argv, env: given } = invoke({ env });
      const bare = 'https://models.example.org';
      const told = {
        'claude-code': [given['ANTHROPIC_BASE_URL'], bare],
        codex: [
          argv.find((word) => word.startsWith('model_providers')),
          expect.stringContaining(`base_url="${bare}/v1"`),
        ],
        opencode: [
          given['OPENCODE_CONFIG_CONTENT'],
          expect.stringContaining(
            `"anthropic":{"options":{"baseURL":"${bare}/v1"}}`,
          ),
        ],
      }[name];
      expect(told[0]).toEqual(told[1]);
    },
  );
});

describe('the configuration of OpenCode', () => {
  const config = (more?: Partial<Order>) =>
    z
      .record(z.string(), z.unknown())
      .parse(
        JSON.parse(
          CODING_AGENTS.opencode.invoke(order(more)).env[
            'OPENCODE_CONFIG_CONTENT'
          ] ?? '',
        ),
      );

  it('asks nobody and shares nothing', () => {
    expect(config()).toMatchObject({
      autoupdate: false,
      share: 'disabled',
      permission: { '*': 'allow' },
      instructions: ['/home/sandbox/rules.md'],
    });
    expect(config()).not.toHaveProperty('model');
  });

  it.each([
    [KEYS, 'some-model', 'anthropic'],
    [{ OPENAI_API_KEY: 'sk' }, 'some-model', 'openai'],
    [{}, 'some-model', 'anthropic'],
    [KEYS, 'openrouter/some-model', 'openrouter'],
  ])('with %j asks for %s of %s, and declares it', (env, model, provider) => {
    expect(config({ env, model })).toMatchObject({
      model: `${provider}/some-model`,
      provider: { [provider]: { models: { 'some-model': {} } } },
    });
  });

  it("adds to the user's own and keeps what it says", () => {
    const own = {
      instructions: ['own.md'],
      permission: { bash: 'deny' },
      provider: {
        anthropic: { options: { baseURL: 'https://own.example.org/v1' } },
        mine: { npm: '@ai-sdk/openai-compatible', models: { m: { limit: 1 } } },
      },
    };
    const env = {
      ANTHROPIC_BASE_URL: 'https://models.example.org',
      OPENCODE_CONFIG_CONTENT: JSON.stringify(own),
    };
    expect(config({ env, model: 'mine/m' })).toMatchObject({
      ...own,
      instructions: ['own.md', '/home/sandbox/rules.md'],
      permission: { '*': 'allow', bash: 'deny' },
      model: 'mine/m',
    });
  });

  it.each(['not json', '[]', '"text"', 'null'])(
    'does without a configuration that is none: %s',
    (text) => {
      expect(config({ env: { OPENCODE_CONFIG_CONTENT: text } })).toEqual(
        config(),
      );
    },
  );
});
