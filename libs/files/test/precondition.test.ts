import { readdir, writeFile as writeOnDisk } from 'node:fs/promises';
import { join } from 'node:path';
import type { Precondition } from '../src/index.ts';
import {
  appendFile,
  moveFile,
  openFile,
  Turns,
  writeFile,
} from '../src/index.ts';
import type { Home } from './home.ts';
import { cleanUp, content, failure, makeHome, path } from './home.ts';

let place: Home;
let turns: Turns;
beforeEach(async () => {
  place = await makeHome();
  turns = new Turns();
});
afterEach(cleanUp);

const refused = { code: 'precondition_failed' };
const bytes = (text: string) => [Buffer.from(text)];

const write = (
  given: Parameters<typeof writeFile>[2],
  precondition?: Precondition,
) => {
  const options = { maxBytes: 1_000, turns, precondition };
  return writeFile(place.home, path('f'), given, options);
};

async function tag(): Promise<string> {
  await using file = await openFile(place.home, path('f'));
  return file.etag;
}

/** Bytes in the middle of which something else happens. */
async function* around(meanwhile: () => Promise<unknown>) {
  yield Buffer.from('mi');
  await meanwhile();
  yield Buffer.from('ne');
}

it('answers the tag that reading tells, also of what was appended', async () => {
  expect((await write(bytes('a'))).etag).toBe(await tag());
  const options = { maxBytes: 9, turns };
  const appended = appendFile(place.home, path('f'), Buffer.from('b'), options);
  expect((await appended).etag).toBe(await tag());
});

it('writes over the very file that was read, and no other', async () => {
  const { etag } = await write(bytes('first'));
  const next = await write(bytes('second'), ['"other"', etag]);
  expect(await failure(write(bytes('third'), [etag]))).toMatchObject(refused);
  expect(await content(place.home, 'f')).toBe('second');
  await write(bytes('third'), [next.etag]);
  expect(await content(place.home, 'f')).toBe('third');
});

it('lets one alone win of many that have read the same', async () => {
  const { etag } = await write(bytes('first'));
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, (_, nth) => write(bytes(`w${nth}`), [etag])),
  );
  const won = all.flatMap(({ status }, nth) =>
    status === 'fulfilled' ? [`w${nth}`] : [],
  );
  expect(won).toEqual([await content(place.home, 'f')]);
});

it.each<[string, () => Promise<unknown>]>([
  ['written', () => write(bytes('theirs'))],
  [
    'appended to',
    () =>
      appendFile(place.home, path('f'), Buffer.from(' and theirs'), {
        maxBytes: 1_000,
        turns,
      }),
  ],
  [
    'replaced by another that is moved there',
    async () => {
      await writeOnDisk(join(place.app, 'g'), 'theirs');
      await moveFile(place.home, path('g'), path('f'), turns);
    },
  ],
  ['moved away', () => moveFile(place.home, path('f'), path('g'), turns)],
])('leaves what is %s while the bytes come', async (_, meanwhile) => {
  const { etag } = await write(bytes('first'));
  expect(await failure(write(around(meanwhile), [etag]))).toMatchObject(
    refused,
  );
  expect((await readdir(place.app)).length).toBe(1);
  for (const name of await readdir(place.app))
    expect(await content(place.home, name)).not.toBe('mine');
});

it('makes a new file once, also against who is in the sandbox', async () => {
  const theirs = () => writeOnDisk(join(place.app, 'f'), 'theirs');
  expect(await failure(write(around(theirs), 'new'))).toMatchObject(refused);
  expect(await failure(write(bytes('mine'), 'new'))).toMatchObject(refused);
  expect(await content(place.home, 'f')).toBe('theirs');
  expect(await readdir(place.app)).toEqual(['f']);
});

it('makes a new file where there is none', async () => {
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => write(bytes('new'), 'new')),
  );
  const made = all.filter(({ status }) => status === 'fulfilled');
  expect([made.length, await readdir(place.app)]).toEqual([1, ['f']]);
});

it('writes over any file that is there, if one has to be', async () => {
  expect(await failure(write(bytes('a'), 'exists'))).toMatchObject(refused);
  await write(bytes('a'));
  await write(bytes('b'), 'exists');
  expect(await content(place.home, 'f')).toBe('b');
});

it('goes on with the next turn after one that failed, and not before it ended', async () => {
  const order: string[] = [];
  const gate: PromiseWithResolvers<void> = Promise.withResolvers();
  const first = turns.take('home', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('failed');
  });
  const second = turns.take('home', () =>
    Promise.resolve(order.push('second')),
  );
  await turns.take('other', () => Promise.resolve(order.push('other')));
  gate.resolve();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
});
