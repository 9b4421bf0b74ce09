import { download } from '../copy/download.ts';
import type { Place } from '../copy/place.ts';
import { readPlace } from '../copy/place.ts';
import { SentStream } from '../copy/sent-stream.ts';
import type { Copied } from '../copy/upload.ts';
import { upload } from '../copy/upload.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findSandbox } from '../find-sandbox.ts';
import { usageProblem } from '../problem.ts';
import type { Session } from '../session.ts';
import { withSpinner } from '../spinner.ts';

export function addCopy(program: Program): void {
  const command = program.root
    .command('cp')
    .description('Copy files and directories into a sandbox, or out of it')
    .argument('<from>', "a path here, <sandbox>:<path>, or '-' for stdin")
    .argument('<to>', "a path here, <sandbox>:<path>, or '-' for stdout")
    .addHelpText(
      'after',
      '\nPaths in a sandbox are relative to its app directory. <directory>/. copies what is in it.',
    );
  define(program, command, {}, async (session, _, [from = '', to = '']) => {
    const { output } = session;
    const copied = await copy(session, readPlace(from), readPlace(to));
    if (copied === undefined) return undefined;
    if (output.json) await output.document(copied);
    else if (output.isTerminal)
      output.note(`${copied.files} files, ${copied.bytes} bytes.`);
    return undefined;
  });
}

async function copy(
  session: Session,
  from: Place,
  to: Place,
): Promise<Copied | undefined> {
  const { output, signal } = session;
  const skipped = (path: string, why: string): void => {
    session.host.stderr.write(`Left out ${JSON.stringify(path)}: ${why}.\n`);
  };
  if (from.kind === 'here' && to.kind === 'sandbox') {
    const sandbox = await findSandbox(session, to.sandbox);
    return withSpinner(output, 'Copying', () =>
      upload(sandbox, from.path, to, signal, skipped),
    );
  }
  if (from.kind === 'sandbox' && to.kind === 'here') {
    const sandbox = await findSandbox(session, from.sandbox);
    return withSpinner(output, 'Copying', () =>
      download(sandbox, from, to.path, signal, skipped),
    );
  }
  if (from.kind === 'stream' && to.kind === 'sandbox') {
    const sandbox = await findSandbox(session, to.sandbox);
    const source = new SentStream(session.host.stdin);
    const { size } = await source.sent(() =>
      sandbox.files.write(to.path, source.stream, { signal }),
    );
    return { files: 1, bytes: size };
  }
  if (from.kind === 'sandbox' && to.kind === 'stream') {
    const sandbox = await findSandbox(session, from.sandbox);
    for await (const piece of await sandbox.files.readStream(from.path, {
      signal,
    }))
      await output.write(piece);
    return undefined;
  }
  throw usageProblem(
    'One of both is in a sandbox, and the other here.',
    "Use: 'sandboxed cp <path> <sandbox>:<path>', or the other way; between two sandboxes copy it here first.",
  );
}
