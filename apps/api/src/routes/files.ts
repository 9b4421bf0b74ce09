import type { DiskUse, SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  fileListSchema,
  filePathSchema,
  MIB,
  makeDirectoryRequestSchema,
  moveFileRequestSchema,
  workspaceDir,
  writeFileRequestSchema,
  writtenFileSchema,
} from '@sandboxed/domain';
import {
  appendFile,
  listFiles,
  makeDirectory,
  moveFile,
  removeFile,
  writeFile,
} from '@sandboxed/files';
import { z } from 'zod';
import { repeatable } from '../http/commit.ts';
import type { DiskRoom } from '../http/disk-room.ts';
import {
  diskRoom,
  NOTHING,
  noteWritten,
  refuseWhenShort,
} from '../http/disk-room.ts';
import { entryQuerySchema, sandboxOf } from '../http/params.ts';
import { preconditionOf } from '../http/precondition.ts';
import type { ApiDeps, Call, Reply, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { refuseVanishing } from './sandboxes.ts';

const recursive = z.enum(['true', 'false']).default('false');

/** The sandbox's home on this host: the trusted root of everything below it. Throws `sandbox_not_found`. */
export function homeOf(call: Call): string {
  return home(call.deps, sandboxOf(call));
}

/** Bytes that one upload may have. */
export function uploadLimit({ config }: ApiDeps): number {
  return config.SANDBOXED_UPLOAD_MAX_MB * MIB;
}

/** Runs a change of files, which counts as activity. Throws `sandbox_not_found`, also for one that is going away. */
async function changed<T>(
  call: Call,
  change: (home: string) => Promise<T>,
): Promise<T> {
  const { deps } = call;
  const sandbox = sandboxOf(call);
  refuseVanishing(sandbox, deps.store.jobs.barriers(sandbox.id));
  // Before the change, which no transaction holds: there is none without its row.
  call.record.accepted(call);
  const result = await change(home(deps, sandbox));
  deps.reach('api.file_changed');
  deps.store.sandboxes.touch(sandbox.id, deps.now());
  return result;
}

/**
 * Like {@link changed} for what takes room on the disk, which `taken` tells of the result. Throws `disk_full` for a sandbox at its
 * limit, and while the host is short.
 */
export async function written<T>(
  call: Call,
  write: (home: string, room: DiskRoom) => Promise<T>,
  taken: (result: T) => DiskUse,
): Promise<T> {
  const { deps } = call;
  const sandbox = sandboxOf(call);
  const room = diskRoom(deps, sandbox);
  refuseWhenShort(deps);
  let use = NOTHING;
  try {
    const result = await changed(call, (home) => write(home, room));
    use = taken(result);
    return result;
  } finally {
    // Also what failed may have left something, such as the first half of an archive: it is measured.
    noteWritten(deps, sandbox, use);
  }
}

function home({ config }: ApiDeps, { id }: SandboxRecord): string {
  return workspaceDir(config.SANDBOXED_DATA_DIR, id);
}

const list = route({
  method: 'get',
  operationId: 'listFiles',
  tag: 'Files',
  paths: both('/files'),
  summary: 'List a directory of the app directory; links are not followed',
  query: z.object({
    path: filePathSchema
      .prefault('')
      .describe(
        'The directory, relative to the app directory, which it is unless given.',
      ),
    recursive: recursive.describe('`true`: also what is in directories below.'),
  }),
  answer: fileListSchema,
  example: {
    answer: {
      path: 'src',
      entries: [
        {
          path: 'src/App.tsx',
          type: 'file',
          size: 1204,
          modified_at: '2026-11-28T09:30:00.000Z',
          mode: '0644',
        },
      ],
      truncated: false,
    },
  },
  statuses: [200],
  async handle(call): Promise<Reply> {
    const { path, recursive } = call.query;
    const body = await listFiles(homeOf(call), path, {
      recursive: recursive === 'true',
    });
    return { status: 200, body };
  },
});

const put = route({
  method: 'put',
  operationId: 'writeFile',
  tag: 'Files',
  paths: both('/files'),
  summary: 'Write a file in one step, or append to one; parents are made',
  body: writeFileRequestSchema,
  answer: writtenFileSchema,
  example: {
    body: { path: 'src/App.tsx', content: 'export default () => <h1>Hi</h1>;' },
    answer: {
      path: 'src/App.tsx',
      size: 33,
      sha256:
        'fb3a1c6d0f7a8d2a3e1b5cf3a4f4c3d96ab7d3ee3f0e3ad4c1c8a3e0f3f1d2b7',
      etag: '"5x2k-x-1mlr6f2k8zq0w"',
    },
  },
  statuses: [200],
  tagged: true,
  async handle(call): Promise<Reply> {
    const { path, content, encoding, append, mode } = call.body;
    const bytes = Buffer.from(content, encoding);
    const precondition = preconditionOf(call.request);
    if (append && precondition !== undefined)
      throw new DomainError(
        'invalid_request',
        'What is appended cannot be held to If-Match or If-None-Match: leave them out.',
      );
    const options = {
      maxBytes: uploadLimit(call.deps),
      turns: call.deps.turns,
      ...(mode !== undefined && { mode }),
    };
    const body = await written(
      call,
      (home, room) => {
        if (bytes.length > room.bytes) throw room.full();
        return append
          ? appendFile(home, path, bytes, options)
          : writeFile(home, path, [bytes], { ...options, precondition });
      },
      () => ({ bytes: bytes.length, files: 1 }),
    );
    return { status: 200, body, headers: { ETag: body.etag } };
  },
});

const remove = route({
  method: 'delete',
  operationId: 'removeFile',
  tag: 'Files',
  paths: both('/files'),
  summary: 'Remove a file, a link, or a directory',
  query: entryQuerySchema.extend({
    recursive: recursive.describe(
      '`true`: also a directory that is not empty.',
    ),
  }),
  answer: z.object({ path: z.string() }),
  example: { answer: { path: 'src/App.tsx' } },
  statuses: [200],
  async handle(call): Promise<Reply> {
    const { path, recursive } = call.query;
    await changed(call, (home) =>
      removeFile(home, path, { recursive: recursive === 'true' }),
    );
    const { store, now } = call.deps;
    store.disk.hasten(sandboxOf(call).id, now());
    return { status: 200, body: { path: path.join('/') } };
  },
});

const move = route({
  method: 'post',
  operationId: 'moveFile',
  tag: 'Files',
  paths: both('/files/move'),
  summary:
    'Move a file or directory; a file there is replaced, a directory not',
  body: moveFileRequestSchema,
  answer: z.object({ from: z.string(), to: z.string() }),
  example: {
    body: { from: 'src/App.tsx', to: 'src/Main.tsx' },
    answer: { from: 'src/App.tsx', to: 'src/Main.tsx' },
  },
  statuses: [200],
  handle: (call) =>
    repeatable(call, async () => {
      const { from, to, replace } = call.body;
      await changed(call, (home) =>
        moveFile(home, from, to, call.deps.turns, { replace }),
      );
      const body = { from: from.join('/'), to: to.join('/') };
      return { status: 200, body };
    }),
});

const mkdir = route({
  method: 'post',
  operationId: 'makeDirectory',
  tag: 'Files',
  paths: both('/files/mkdir'),
  summary: 'Make a directory with its parents; one that is there is fine',
  body: makeDirectoryRequestSchema,
  answer: z.object({ path: z.string() }),
  example: { body: { path: 'src/pages' }, answer: { path: 'src/pages' } },
  statuses: [200],
  handle: (call) =>
    repeatable(call, async () => {
      const { path } = call.body;
      await written(
        call,
        (home) => makeDirectory(home, path),
        () => ({ bytes: 0, files: 1 }),
      );
      return { status: 200, body: { path: path.join('/') } };
    }),
});

export const FILE_ROUTES: readonly Route[] = [list, put, remove, move, mkdir];
