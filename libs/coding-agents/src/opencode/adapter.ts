import type { CodingAgent } from '../coding-agent.ts';
import { createReader } from '../reader.ts';
import { configContent } from './config.ts';
import { createParser } from './parser.ts';

/** Nothing is fetched or left behind: no list of models, no language servers, no library in the temporary directory at each start. */
const QUIET = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_FFF: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_SHARE: '1',
};

/** OpenCode, `opencode run`. Reads the keys of its providers from the environment by itself. */
export const openCode: CodingAgent = {
  name: 'opencode',
  invoke: (order) => ({
    argv: [
      ...['opencode', 'run', '--format', 'json'],
      // Its retries, minutes of them, are told of nowhere else.
      ...['--print-logs', '--log-level', 'ERROR'],
      ...(order.session ? ['--session', order.session.id] : []),
    ],
    env: {
      ...QUIET,
      ...order.env,
      OPENCODE_CONFIG_CONTENT: configContent(order),
    },
    stdin: order.prompt,
  }),
  read: (session) => createReader(createParser(), session),
};
