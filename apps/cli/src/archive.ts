import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { meter, newFile } from './hashed.ts';
import type { FileFacts } from './manifest.ts';

/** Of what tar complains about, the end. Characters. */
const MAX_COMPLAINT = 2_000;
/** tar's exit code for files that changed while they were read. */
const SOME_DIFFER = 1;

/** As it is: owners as numbers, holes, links, attributes. tar opens what it packs by handle and without following a link. */
const AS_IT_IS = ['--numeric-owner', '--xattrs', '--acls'];

/** An archive as it was made. */
export interface Packed extends FileFacts {
  /** Something was written in the directory meanwhile. */
  readonly changed: boolean;
  /** What tar could not read, in its words. The archive has the rest, as far as tar came. */
  readonly problem: string | null;
}

/**
 * Packs what is in a directory into a new archive. What a tenant makes unreadable, such as directories deeper than tar can go,
 * is a `problem` of that archive alone. Throws when the archive cannot be written.
 */
export async function pack(
  directory: string,
  file: string,
  signal: AbortSignal,
): Promise<Packed> {
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
  const [ending, flow] = await Promise.allSettled([
    ended(tar, tar.stderr),
    pipeline(tar.stdout, pass, newFile(file), { signal }),
  ]);
  if (ending.status === 'rejected') throw ending.reason;
  // A full disk ends tar, too, which then only knows of a broken pipe.
  if (flow.status === 'rejected') throw flow.reason;
  const { code } = ending.value;
  return {
    ...facts(),
    changed: code === SOME_DIFFER,
    problem: code === 0 || code === SOME_DIFFER ? null : words(ending.value),
  };
}

/** Unpacks an archive of {@link pack} into an empty directory. Answers what could not be unpacked, in tar's words; the rest was. */
export async function unpack(
  file: string,
  directory: string,
  signal: AbortSignal,
): Promise<string | null> {
  const tar = spawn(
    'tar',
    [
      '--extract',
      `--file=${file}`,
      // A colon in the name means no other host.
      '--force-local',
      '--preserve-permissions',
      '--same-owner',
      '--delay-directory-restore',
      ...AS_IT_IS,
      `--directory=${directory}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], signal },
  );
  const exit = await ended(tar, tar.stderr);
  return exit.code === 0 ? null : words(exit);
}

interface Exit {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly complaint: string;
}

function words({ code, complaint }: Exit): string {
  if (complaint !== '') return complaint;
  return code === undefined
    ? 'tar crashed'
    : `tar ended with exit code ${code}`;
}

/** Resolves or rejects when the program has gone and touches no file any more. */
function ended(child: ChildProcess, stderr: Readable): Promise<Exit> {
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.once('close', (code) => {
      if (failure === undefined)
        resolve({ code: code ?? undefined, complaint: complaint.trim() });
      else reject(failure);
    });
  });
}
