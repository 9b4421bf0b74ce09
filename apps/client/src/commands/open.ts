import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findSandbox } from '../find-sandbox.ts';
import { wholeNumber } from '../options.ts';
import { usageProblem } from '../problem.ts';

export function addOpen(program: Program): void {
  const command = program.root
    .command('open')
    .description(
      "Print the address of a sandbox's preview, and show it in a browser",
    )
    .argument('<sandbox>', 'id, beginning of an id, or name')
    .argument('[port]', 'which of its ports; the first unless given')
    .option(
      '--expires <seconds>',
      'how long the link to a private preview is good; 3600 unless given',
    )
    .option('--no-browser', 'print alone');
  define(
    program,
    command,
    { browser: z.boolean(), expires: wholeNumber(1, 100_000_000).optional() },
    async (session, { browser, expires }, [word = '', given]) => {
      const { host, output, signal } = session;
      const port = given === undefined ? undefined : portOf(given);
      const sandbox = await findSandbox(session, word);
      const preview = sandbox.preview(port);
      const { url, ...rest } =
        sandbox.info.visibility === 'private'
          ? await preview.link({
              signal,
              ...(expires !== undefined && { expiresInSeconds: expires }),
            })
          : preview;
      const expiresAt = 'expiresAt' in rest ? rest.expiresAt : undefined;
      if (output.json)
        await output.document({
          url,
          port: preview.port,
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
        });
      else await output.line(url);
      if (browser && output.isTerminal && !host.openBrowser(url))
        output.note('There is no browser here: open it in one of yours.');
      return undefined;
    },
  );
}

function portOf(text: string): number {
  const port = wholeNumber(1, 65_535).safeParse(text);
  if (port.success) return port.data;
  throw usageProblem(`${text} is no port.`, 'Give a number from 1 to 65535.');
}
