import type { Command } from 'commander';
import type { SandboxSpec } from '@sandboxed/sdk';
import { z } from 'zod';
import {
  collected,
  readLabels,
  readVariables,
  wholeNumber,
} from './options.ts';

/** What may be said of a new sandbox. */
export const creationShape = {
  name: z.string().optional(),
  template: z.string().optional(),
  image: z.string().optional(),
  env: z.array(z.string()).default([]),
  label: z.array(z.string()).default([]),
  port: z.array(wholeNumber(1, 65_535)).optional(),
  memory: wholeNumber(1, 1_000_000).optional(),
  cpus: z.coerce
    .number('must be a number')
    .positive('must be more than 0')
    .optional(),
  disk: wholeNumber(1, 100_000_000).optional(),
  idle: wholeNumber(1, 100_000_000).optional(),
  alwaysOn: z.boolean().default(false),
  private: z.boolean().default(false),
  network: z.boolean().default(true),
};
type Creation = z.output<z.ZodObject<typeof creationShape>>;

export function withCreationOptions(command: Command): Command {
  return command
    .option('--name <name>', 'a name, by which other commands find it')
    .option(
      '--template <template>',
      'what it begins with: vite-react, next, node-express, fastapi, static',
    )
    .option('--image <image>', 'another image of the host')
    .option(
      '-e, --env <NAME[=value]>',
      'a variable of all its programs; without a value, the one that it has here',
      collected,
    )
    .option('--label <key=value>', 'a label to find it by', collected)
    .option(
      '-p, --port <port>',
      'a port that has a preview; 3000 unless given',
      collected,
    )
    .option('--memory <MiB>', 'how much memory it may use')
    .option('--cpus <number>', 'how many processors')
    .option('--disk <MiB>', 'how much disk')
    .option('--idle <seconds>', 'how long without use until it sleeps')
    .option('--always-on', 'it never sleeps')
    .option('--private', 'its previews open by a link alone')
    .option('--no-network', 'it reaches no network');
}

/** The new sandbox that options ask for. */
export function specOf(
  options: Creation,
  environment: Readonly<Partial<Record<string, string>>>,
): SandboxSpec {
  const { name, template, image, port, memory, cpus, disk, idle } = options;
  return {
    ...(name !== undefined && { name }),
    ...(template !== undefined && { template }),
    ...(image !== undefined && { image }),
    ...(port !== undefined && { ports: port }),
    ...(idle !== undefined && { idleTimeoutSeconds: idle }),
    ...(options.alwaysOn && { idlePolicy: 'always_on' as const }),
    ...(options.private && { visibility: 'private' as const }),
    ...(!options.network && { egress: 'none' as const }),
    env: readVariables(options.env, environment),
    labels: readLabels(options.label),
    limits: {
      ...(memory !== undefined && { memoryMb: memory }),
      ...(cpus !== undefined && { cpus }),
      ...(disk !== undefined && { diskMb: disk }),
    },
  };
}
