import { withVersion } from '../base-url.ts';
import type { CodingAgent, Order } from '../coding-agent.ts';
import { createReader } from '../reader.ts';
import { createParser } from './parser.ts';

const OFFICIAL_URL = 'https://api.openai.com/v1';

/** JSON's strings, numbers and booleans are TOML's too. */
const toml = (values: Record<string, string | number | boolean>): string =>
  `{${Object.entries(values)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}}`;

/** A provider of our own: the built-in one wants a login and a socket of its own kind. */
function provider(env: Order['env']): string {
  const url = env['OPENAI_BASE_URL'];
  return toml({
    name: 'sandboxed',
    base_url: url === undefined || url === '' ? OFFICIAL_URL : withVersion(url),
    env_key: 'OPENAI_API_KEY',
    wire_api: 'responses',
    supports_websockets: false,
  });
}

const settings = ({ env, instructions }: Order): string[] => [
  'model_provider="sandboxed"',
  `model_providers.sandboxed=${provider(env)}`,
  // Added to its own instructions; `model_instructions_file` would replace them.
  `developer_instructions=${JSON.stringify(instructions)}`,
  'approval_policy="never"',
  // Its own sandbox needs namespaces; the container is the sandbox.
  'sandbox_mode="danger-full-access"',
  'check_for_update_on_startup=false',
  'analytics.enabled=false',
  // With plugins each start asks github.com in the background.
  'features.plugins=false',
];

/** Codex, `codex exec`. */
export const codex: CodingAgent = {
  name: 'codex',
  invoke: (order) => ({
    argv: [
      ...['codex', 'exec', '--json', '--skip-git-repo-check'],
      ...settings(order).flatMap((setting) => ['-c', setting]),
      ...(order.model === undefined ? [] : ['--model', order.model]),
      ...(order.session ? ['resume', order.session.id] : []),
      '-',
    ],
    env: order.env,
    stdin: order.prompt,
  }),
  read: (session) => createReader(createParser(), session),
};
