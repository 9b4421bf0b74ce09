import { parseArgs } from 'node:util';
import { startMockLlm } from './server.mjs';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8080' },
    log: { type: 'string' },
    dump: { type: 'string' },
    keys: { type: 'string', default: '' },
    chunk: { type: 'string', default: '12' },
    delay: { type: 'string', default: '0' },
  },
});
const mock = await startMockLlm({
  host: values.host,
  port: Number(values.port),
  logFile: values.log,
  dumpDir: values.dump,
  keys: values.keys.split(',').filter(Boolean),
  chunk: Number(values.chunk),
  delay: Number(values.delay),
});
console.log(JSON.stringify({ listening: mock.url }));
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => void mock.close());
