import { importedSchema, writtenFileSchema } from '@sandboxed/domain';
import { exportTree, importTree, openFile, writeFile } from '@sandboxed/files';
import { repeatable } from '../http/commit.ts';
import { withinRoom } from '../http/disk-room.ts';
import { entryQuerySchema } from '../http/params.ts';
import { preconditionOf } from '../http/precondition.ts';
import type { Reply, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { sendFile } from '../http/send-file.ts';
import { SILENCE_MS, streamBody } from '../http/stream-body.ts';
import { homeOf, uploadLimit, written } from './files.ts';

/** What is packed well becomes this many times larger at most; beyond it is a bomb. */
const UNPACKED_TIMES = 10;

const download = route({
  method: 'get',
  operationId: 'downloadFile',
  tag: 'Files',
  paths: both('/files/content'),
  summary: 'Read a file, or one range of it',
  query: entryQuerySchema,
  rawAnswer: ['application/octet-stream'],
  tagged: true,
  audited: true,
  example: {},
  statuses: [200, 206, 304],
  async stream(call, response) {
    await using file = await openFile(homeOf(call), call.query.path);
    call.record.done(call);
    await sendFile(call, response, file);
  },
});

const upload = route({
  method: 'put',
  operationId: 'uploadFile',
  tag: 'Files',
  paths: both('/files/content'),
  summary: 'Write a file in one step from the bytes of the body',
  query: entryQuerySchema,
  rawBody: 'application/octet-stream',
  answer: writtenFileSchema,
  example: {
    answer: {
      path: 'logo.png',
      size: 33,
      sha256:
        'fb3a1c6d0f7a8d2a3e1b5cf3a4f4c3d96ab7d3ee3f0e3ad4c1c8a3e0f3f1d2b7',
      etag: '"5x2k-x-1mlr6f2k8zq0w"',
    },
  },
  statuses: [200],
  tagged: true,
  async handle(call): Promise<Reply> {
    const maxBytes = uploadLimit(call.deps);
    const precondition = preconditionOf(call.request);
    const bytes = streamBody(call.request, maxBytes);
    const body = await written(
      call,
      (home, room) => {
        const fitting = withinRoom(call.request, bytes, room);
        const { turns } = call.deps;
        return writeFile(home, call.query.path, fitting, {
          ...{ maxBytes, precondition, turns },
        });
      },
      ({ size }) => ({ bytes: size, files: 1 }),
    );
    return { status: 200, body, headers: { ETag: body.etag } };
  },
});

const exported = route({
  method: 'get',
  operationId: 'exportFiles',
  tag: 'Files',
  paths: both('/export'),
  summary: 'The app directory as tar.gz, without what tools make again',
  rawAnswer: ['application/gzip'],
  audited: true,
  example: {},
  statuses: [200],
  async stream(call, response) {
    const home = homeOf(call);
    response.type('application/gzip');
    if (call.request.method === 'HEAD') {
      response.end();
      return;
    }
    call.record.done(call);
    response.setTimeout(SILENCE_MS, () => response.destroy());
    try {
      await exportTree(home, response);
    } catch (error) {
      if (!call.gone.aborted) throw error;
    }
  },
});

const imported = route({
  method: 'post',
  operationId: 'importFiles',
  tag: 'Files',
  paths: both('/import'),
  summary: 'Unpack a tar file, plain or gzip, into the app directory',
  rawBody: 'application/gzip',
  answer: importedSchema,
  example: { answer: { files: 42, bytes: 182_340 } },
  statuses: [200],
  handle: (call) =>
    // A stream has no fingerprint: of an import, the key alone says that it is the same.
    repeatable(call, async () => {
      const maxBytes = uploadLimit(call.deps);
      const archive = streamBody(call.request, maxBytes);
      const unpacked = maxBytes * UNPACKED_TIMES;
      const body = await written(
        call,
        (home, { bytes, full }) =>
          importTree(
            home,
            archive,
            bytes < unpacked
              ? { maxBytes: bytes, exceeded: full }
              : { maxBytes: unpacked },
          ),
        (imported) => imported,
      );
      return { status: 200, body };
    }),
});

export const TRANSFER_ROUTES: readonly Route[] = [
  download,
  upload,
  exported,
  imported,
];
