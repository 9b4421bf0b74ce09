import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Rotation } from '@sandboxed/store';
import { KeyFileError, rotateKey } from '@sandboxed/store';
import { DATABASE, KEY } from './manifest.ts';
import { EXIT, Problem } from './problem.ts';

/** Encrypts an installation's secrets with a new key, while it may be running. Throws a Problem for what a person can correct. */
export function changeKey(options: {
  readonly dataDir: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Tells a person how far it is. */
  readonly say: (line: string) => void;
}): Rotation {
  const { dataDir, now, say } = options;
  const path = join(dataDir, 'db', DATABASE);
  if (!existsSync(path))
    throw new Problem(
      `There is no installation in ${dataDir}: ${path} is not there.`,
      'Does SANDBOXED_DATA_DIR in .env name the right directory?',
      EXIT.failed,
    );
  try {
    return rotateKey({
      ...{ path, keyFile: join(dataDir, KEY), now },
      onStep(step, sealed) {
        if (step === 'batch') say(`${sealed} values encrypted anew.`);
      },
    });
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new Problem(
      error.message,
      'Then run this again: nothing was changed.',
      EXIT.configuration,
    );
  }
}

/** What a person is to know of a rotation, sentence by sentence. */
export function describeRotation(rotation: Rotation): readonly string[] {
  const { keyId, resumed, sealed, unreadable, removedCopies, swept } = rotation;
  const begun = resumed
    ? [
        'An earlier change of the key was cut off and was ended now. To have another new key, run this again.',
      ]
    : [];
  if (unreadable.length > 0)
    return [
      ...begun,
      ...unreadable.map(
        ({ owner, holds }) => `Warning: no key opens the ${holds} of ${owner}.`,
      ),
      `${sealed} values are encrypted with the new key ${keyId}. What could not be read was left, and the old keys were kept: put the secret.key back that belongs to this database, or do as said above, then run this again.`,
    ];
  return [
    ...begun,
    ...(removedCopies.length > 0
      ? [
          `Removed copies from before upgrades, which the old key encrypted: ${removedCopies.join(', ')}.`,
        ]
      : []),
    ...(swept
      ? []
      : [
          'Unused pages of the database may still hold what the old key encrypted. To have them cleared, run this again while the stack is stopped (docker compose stop).',
        ]),
    `All is encrypted with the new key ${keyId}, and the old one is gone. Backups made before hold the old key and what it encrypted: make a new one, and keep or destroy those.`,
  ];
}
