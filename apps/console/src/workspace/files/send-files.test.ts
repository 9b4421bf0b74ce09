import type { WriteOptions } from '@sandboxed/sdk';
import { PreconditionFailedError } from '@sandboxed/sdk';
import { sendFiles } from './send-files.ts';

const file = new Blob(['x']);
const sent = ['a', 'b', 'c'].map((path) => ({ path, file }));

/** Files of which one is there, and one cannot be written. */
function filesWith({ there = '', broken = '' }) {
  const write = jest.fn((path: string, _: unknown, options?: WriteOptions) => {
    if (path === there && options?.ifNew === true)
      throw new PreconditionFailedError('It is there.', {
        code: 'precondition_failed',
      });
    if (path === broken) throw new Error('The disk is full.');
    return Promise.resolve({ path, size: 1, sha256: '1', etag: '"1"' });
  });
  return { write };
}

it('leaves what is there as it is, says so, and writes the rest', async () => {
  const files = filesWith({ there: 'b' });
  const outcome = await sendFiles(files, sent, { replaces: false });
  expect(outcome).toEqual({ written: ['a', 'c'], taken: [sent[1]] });
});

it('writes over what is there when told to', async () => {
  const files = filesWith({ there: 'b' });
  const outcome = await sendFiles(files, sent, { replaces: true });
  expect(outcome).toEqual({ written: ['a', 'b', 'c'], taken: [] });
});

it('ends with the first that fails, and still tells of what is there', async () => {
  const files = filesWith({ there: 'a', broken: 'b' });
  const outcome = await sendFiles(files, sent, { replaces: false });
  expect(outcome).toMatchObject({
    ...{ written: [], taken: [sent[0]] },
    failed: { path: 'b', error: new Error('The disk is full.') },
  });
  expect(files.write).toHaveBeenCalledTimes(2);
});
