import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { meter, newFile } from './hashed.ts';
import type { FileFacts } from './manifest.ts';
import { EXIT, Problem } from './problem.ts';

/** Of what tar complains about, the end. Characters. */
const MAX_COMPLAINT = 2_000;
/** tar's exit code for files that changed while they were read. */
const SOME_DIFFER = 1;

/** As it is: owners as numbers, holes, links, attributes. tar opens what it packs by handle and without following a link. */
const AS_IT_IS = ['--numeric-owner', '--xattrs', '--acls'];

/** Packs what is in a directory into a new archive. `changed`: something was written there meanwhile. */
export async function pack(
  directory: string,
  file: string,
  signal: AbortSignal,
): Promise<FileFacts & { readonly changed: boolean }> {
  const tar = spawn(
    'tar',
    [
      '--create',
      '--file=-',
      '--format=posix',
      '--pax-option=delete=atime,delete=ctime',
      '--sparse',
      '--warning=no-file-ignored',
      ...AS_IT_IS,
      `--directory=${directory}`,
      '.',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], signal },
  );
  const { pass, facts } = meter();
  const [exit] = await both(
    ended(tar, tar.stderr),
    pipeline(tar.stdout, pass, newFile(file), { signal }),
  );
  if (exit.code !== 0 && exit.code !== SOME_DIFFER)
    throw new Problem(
      `The files below ${directory} could not be copied: ${exit.complaint}`,
      'Look at the disk (dmesg) and at these files, then run this again.',
      EXIT.failed,
    );
  return { ...facts(), changed: exit.code === SOME_DIFFER };
}

/** Unpacks an archive of {@link pack} into an empty directory. Answers what was read, to be compared with what was written. */
export async function unpack(
  file: string,
  directory: string,
  signal: AbortSignal,
): Promise<FileFacts> {
  const tar = spawn(
    'tar',
    [
      '--extract',
      '--file=-',
      '--preserve-permissions',
      '--same-owner',
      '--delay-directory-restore',
      ...AS_IT_IS,
      `--directory=${directory}`,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], signal },
  );
  const { pass, facts } = meter();
  const [exit] = await both(
    ended(tar, tar.stderr),
    pipeline(createReadStream(file), pass, tar.stdin, { signal }).catch(
      (error: unknown) => {
        // tar went first, and says why.
        if (tar.exitCode === null) throw error;
      },
    ),
  );
  if (exit.code !== 0)
    throw new Problem(
      `${file} could not be unpacked: ${exit.complaint}`,
      'Is the disk full, or the archive damaged? Nothing of it was kept; use another backup, or make room and run this again.',
      EXIT.badBackup,
    );
  return facts();
}

interface Exit {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly complaint: string;
}

function ended(child: ChildProcess, stderr: Readable): Promise<Exit> {
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? undefined, complaint: complaint.trim() });
    });
  });
}

/** Waits for the program and for its stream even when one fails. The stream's own failure says more. */
async function both<A, B>(
  program: Promise<A>,
  stream: Promise<B>,
): Promise<[A, B]> {
  const [ending, flow] = await Promise.allSettled([program, stream]);
  if (flow.status === 'rejected') throw flow.reason;
  if (ending.status === 'rejected') throw ending.reason;
  return [ending.value, flow.value];
}
