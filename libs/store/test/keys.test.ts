import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { z } from 'zod';
import type { Store } from '../src/index.ts';
import { createCipher } from '../src/cipher.ts';
import { openKeyRing } from '../src/key-ring.ts';
import { writeKeyFile } from '../src/key-file.ts';
import { newKey } from '../src/sealing-key.ts';
import {
  envOf,
  fingerprintOf,
  secretOf,
  serviceOf,
} from '../src/sealed-columns.ts';
import { codeOf, EXEC, insert, submit, temporary } from './open.ts';
import { sql as runSql } from './sql.ts';

const sealedSchema = z.object({ env_sealed: z.instanceof(Buffer) });

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const sql = (text: string, ...values: unknown[]): unknown =>
  runSql(place.path, text, ...values);

/** A store that holds one sandbox, then is closed. */
function withSecrets(): ReturnType<typeof insert> {
  const store = place.open();
  const id = insert(store);
  store.close();
  return id;
}

describe('the key file', () => {
  it('is made for its owner alone, and nothing of its making is left', () => {
    place.open();
    expect(statSync(place.keyFile).mode & 0o777).toBe(0o600);
    expect(
      readdirSync(place.dir).filter((name) => name.includes('key')),
    ).toEqual(['secret.key']);
  });

  it('is not made again while the database holds what was encrypted', () => {
    withSecrets();
    rmSync(place.keyFile);
    expect(() => place.open()).toThrow(/No new key was made.*backup/s);
    expect(readdirSync(place.dir)).not.toContain('secret.key');
  });

  it.each([0o640, 0o604, 0o660, 0o620])(
    'is refused when others may open it: %o',
    (mode) => {
      withSecrets();
      chmodSync(place.keyFile, mode);
      expect(() => place.open()).toThrow(`chmod 600 ${place.keyFile}`);
      chmodSync(place.keyFile, 0o600);
      place.open();
    },
  );

  it('of the first form goes on being read', () => {
    writeFileSync(place.keyFile, randomBytes(32), { mode: 0o600 });
    const id = withSecrets();
    expect(place.open().sandboxes.env(id)).toEqual({
      TOKEN: 'very-secret-value',
    });
    expect(statSync(place.keyFile).size).toBe(32);
  });

  it.each([
    ['nothing', () => ''],
    ['part of it', (text: string) => text.slice(0, 60)],
    [
      'another key under its id',
      (text: string) =>
        text.replace(
          /"secret": ".*"/,
          `"secret": "${Buffer.alloc(32, 1).toString('base64')}"`,
        ),
    ],
    ['no key', () => '{"format":1,"keys":[]}'],
  ])('that holds %s is refused, and its text is not repeated', (_, damage) => {
    withSecrets();
    const text = readFileSync(place.keyFile, 'utf8');
    writeFileSync(place.keyFile, damage(text));
    expect(() => place.open()).toThrow(
      /^.*secret\.key is not a key file, or is damaged\. [^{"]*$/,
    );
  });
});

describe('a value that cannot be decrypted', () => {
  const refused = (store: Store, id: ReturnType<typeof insert>): string => {
    try {
      store.sandboxes.env(id);
    } catch (error) {
      return String(error);
    }
    return 'it was read';
  };

  it('is told by its sandbox, with what to do: the key is another one', () => {
    const id = withSecrets();
    rmSync(place.keyFile);
    writeKeyFile(place.keyFile, [newKey()]);
    const store = place.open();
    expect(codeOf(() => store.sandboxes.env(id))).toBe('secret_unreadable');
    expect(refused(store, id)).toMatch(
      `The environment of sandbox ${id} cannot be decrypted: its key`,
    );
    expect(refused(store, id)).toMatch(/Put the secret\.key .* back/);
  });

  it('is told wherever a byte of it was changed', () => {
    const store = place.open();
    const id = insert(store);
    const { env_sealed } = sealedSchema.parse(
      sql('SELECT env_sealed FROM sandboxes'),
    );
    fc.assert(
      fc.property(
        fc.nat(env_sealed.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const changed = Buffer.from(env_sealed);
          changed[at] = (changed[at] ?? 0) ^ by;
          sql('UPDATE sandboxes SET env_sealed = ?', changed);
          expect(codeOf(() => store.sandboxes.env(id))).toBe(
            'secret_unreadable',
          );
        },
      ),
      { numRuns: 200 },
    );
    for (let length = 0; length < env_sealed.length; length += 1) {
      sql(
        'UPDATE sandboxes SET env_sealed = ?',
        env_sealed.subarray(0, length),
      );
      expect(codeOf(() => store.sandboxes.env(id))).toBe('secret_unreadable');
    }
  });

  it('is told when it is that of another row, or of another column', () => {
    const store = place.open();
    const [mine, theirs] = [insert(store), insert(store)];
    const job = submit(store, mine, 'exec', EXEC, { env: {} });
    sql(
      'UPDATE sandboxes SET env_sealed = (SELECT env_sealed FROM sandboxes WHERE id = ?) WHERE id = ?',
      theirs,
      mine,
    );
    expect(codeOf(() => store.sandboxes.env(mine))).toBe('secret_unreadable');
    sql(
      'UPDATE jobs SET secret_sealed = (SELECT env_sealed FROM sandboxes WHERE id = ?)',
      theirs,
    );
    expect(codeOf(() => store.jobs.secret(job))).toBe('secret_unreadable');
    store.services.put(mine, 'a', { command: 'x', env: {} }, 1);
    sql("UPDATE services SET name = 'b'");
    expect(codeOf(() => store.services.list(mine))).toBe('secret_unreadable');
    // What was not touched is read.
    expect(store.sandboxes.env(theirs)).toEqual({ TOKEN: 'very-secret-value' });
  });
});

it('never seals two values alike, and opens each at its own place alone', () => {
  writeKeyFile(place.keyFile, [newKey(), newKey()]);
  const cipher = createCipher(openKeyRing(place.keyFile), () => true);
  const id = fc.constantFrom('A', 'B');
  const somewhere = fc.oneof(
    id.map(envOf),
    fc.tuple(id, id).map(([job, owner]) => secretOf(job, owner)),
    fc.tuple(id, id).map(([owner, name]) => serviceOf(owner, name)),
    fc.tuple(id, id).map(([owner, key]) => fingerprintOf(owner, key)),
  );
  fc.assert(
    fc.property(fc.jsonValue(), somewhere, somewhere, (value, here, there) => {
      const sealed = cipher.seal(value, here);
      expect(cipher.seal(value, here).equals(sealed)).toBe(false);
      expect(JSON.stringify(cipher.open(sealed, here))).toBe(
        JSON.stringify(value),
      );
      const isSame =
        here.column === there.column &&
        JSON.stringify(here.key) === JSON.stringify(there.key);
      if (!isSame)
        expect(codeOf(() => cipher.open(sealed, there))).toBe(
          'secret_unreadable',
        );
    }),
  );
});

it('keeps nothing of the environments of deleted sandboxes, not in a gap of the file either', () => {
  const store = place.open();
  const ids = Array.from({ length: 40 }, () => insert(store));
  const sealed = ids.map(
    (id) =>
      sealedSchema.parse(
        sql('SELECT env_sealed FROM sandboxes WHERE id = ?', id),
      ).env_sealed,
  );
  const by = { actor: 'test', reason: 'test', now: 2_000 };
  for (const id of ids)
    for (const event of ['ready', 'delete', 'removed'] as const)
      store.sandboxes.transition(id, event, by);
  for (const id of ids) {
    expect(store.sandboxes.env(id)).toEqual({});
    expect(store.sandboxes.get(id)?.env_names).toEqual([]);
  }
  store.close();
  const disk = readFileSync(place.path);
  const left = sealed.filter((value) => disk.includes(value.subarray(-12)));
  expect(left).toHaveLength(0);
});
