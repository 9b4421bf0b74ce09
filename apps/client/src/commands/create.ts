import { Sandbox } from '@sandboxed/sdk';
import { creationShape, specOf, withCreationOptions } from '../creation.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { withSpinner } from '../spinner.ts';

export function addCreate(program: Program): void {
  const command = withCreationOptions(
    program.root
      .command('create')
      .description('Make a sandbox, wait until it runs, and print its id'),
  );
  define(program, command, creationShape, async (session, options) => {
    const { connection, client, output, signal, host } = session;
    const spec = specOf(options, host.environment);
    const { id, info } = await withSpinner(output, 'Making a sandbox', () =>
      Sandbox.create({ ...connection, ...spec, signal }),
    );
    if (output.json) {
      const call = { params: { id } };
      await output.document(
        await client.json('get', '/v1/sandboxes/{id}', call, { signal }),
      );
      return undefined;
    }
    await output.line(id);
    if (output.isTerminal)
      for (const [port, url] of Object.entries(info.previewUrls))
        output.note(`Port ${port}: ${url}`);
    return undefined;
  });
}
