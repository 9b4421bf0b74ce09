import type { SandboxId } from '@sandboxed/domain';
import {
  AGENT_MOUNT,
  LABEL_GENERATION,
  LABEL_ID,
  LABEL_INSTANCE,
  LABEL_MANAGED,
  LABEL_POOL,
  LABEL_SPEC,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { ContainerFacts } from './driver.ts';

const generationSchema = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const labelsSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

const mountsSchema = z
  .array(z.object({ Source: z.string().optional(), Destination: z.string() }))
  .nullish()
  .transform(
    (mounts) =>
      mounts?.find(({ Destination }) => Destination === AGENT_MOUNT)?.Source,
  );

const inspectSchema = z.object({
  Id: z.string().min(1),
  Name: z.string(),
  Config: z.object({ Labels: labelsSchema }),
  Mounts: mountsSchema,
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean(),
    ExitCode: z.int(),
    OOMKilled: z.boolean(),
  }),
});

/** Whose container it is, by its labels. */
export interface Ownership {
  readonly sandboxId: SandboxId;
  readonly generation: number;
}

/** A container of any owner: `ours` is undefined when it is not of this instance. */
export interface Inspected {
  readonly dockerId: string;
  readonly name: string;
  /** The Engine's word: `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  /** Hash of what it was made from; undefined when it carries none. */
  readonly specHash: string | undefined;
  /** The same without the limits. */
  readonly poolHash: string | undefined;
  readonly ours: ContainerFacts | undefined;
}

/** Reads our labels; undefined when the container is not managed, of another instance or mislabelled. */
export function readOwnership(
  labels: Readonly<Record<string, string>>,
  instance: string,
): Ownership | undefined {
  if (labels[LABEL_MANAGED] !== 'true' || labels[LABEL_INSTANCE] !== instance)
    return undefined;
  const sandboxId = sandboxIdSchema.safeParse(labels[LABEL_ID]).data;
  const generation = generationSchema.safeParse(labels[LABEL_GENERATION]).data;
  if (sandboxId === undefined || generation === undefined) return undefined;
  return { sandboxId, generation };
}

/** Maps the Engine's inspect answer. Throws ZodError when it has another form. */
export function mapInspect(answer: unknown, instance: string): Inspected {
  const { Id, Name, Config, Mounts, State } = inspectSchema.parse(answer);
  const owner = readOwnership(Config.Labels, instance);
  const name = Name.replace(/^\//, '');
  return {
    dockerId: Id,
    name,
    status: State.Status,
    specHash: Config.Labels[LABEL_SPEC],
    poolHash: Config.Labels[LABEL_POOL],
    ours:
      owner === undefined
        ? undefined
        : {
            dockerId: Id,
            name,
            ...owner,
            specHash: Config.Labels[LABEL_SPEC],
            agentDir: Mounts,
            image: undefined,
            running: State.Running,
            paused: State.Paused,
            exitCode: State.ExitCode,
            oomKilled: State.OOMKilled,
          },
  };
}

const summarySchema = z.object({
  Id: z.string().min(1),
  Names: z.array(z.string()).nullish(),
  Image: z.string().optional(),
  Labels: labelsSchema,
  Mounts: mountsSchema,
  State: z.string(),
});

const listSchema = z.array(summarySchema);

/**
 * Maps the Engine's list answer to the containers of this instance. How one ended only inspect knows: without an exit code, that is
 * left to be asked. Throws ZodError when it has another form.
 */
export function mapList(
  answer: unknown,
  instance: string,
): readonly ContainerFacts[] {
  return listSchema
    .parse(answer)
    .flatMap(
      ({ Id, Names, Image, Labels, Mounts, State }): ContainerFacts[] => {
        const owner = readOwnership(Labels, instance);
        if (owner === undefined) return [];
        const name = Names?.[0]?.replace(/^\//, '');
        const running = State === 'running' || State === 'paused';
        return [
          {
            dockerId: Id,
            name: name ?? Id,
            ...owner,
            specHash: Labels[LABEL_SPEC],
            agentDir: Mounts,
            image: Image,
            running,
            paused: State === 'paused',
            exitCode: running && name !== undefined ? 0 : undefined,
            oomKilled: false,
          },
        ];
      },
    );
}
