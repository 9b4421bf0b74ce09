/** A consumer in a process of its own, for tests that kill it: says `took <id>` and never finishes. */
import { createConsumer } from '@sandboxed/queue';

const [redisUrl = '', prefix = ''] = process.argv.slice(2);
createConsumer({
  redisUrl,
  prefix,
  class: 'lifecycle',
  concurrency: 10,
  run: async (id) => {
    process.stdout.write(`took ${id}\n`);
    await new Promise(() => undefined);
  },
  onError: (error) => process.stderr.write(`${error.message}\n`),
});
