import {
  LABEL_ID,
  LABEL_INSTANCE,
  LABEL_MANAGED,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { OwnContainer } from './call.ts';

const labelsSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

const containerSchema = z.object({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Name: z.string(),
  Config: z.object({ Labels: labelsSchema }),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean(),
    ExitCode: z.int(),
    OOMKilled: z.boolean(),
  }),
  HostConfig: z.object({
    Binds: z.array(z.string()).nullish(),
    Mounts: z
      .array(z.object({ Type: z.string(), Source: z.string().optional() }))
      .nullish(),
  }),
});

/** Whether these labels say that a thing is of this installation. */
function isOurs(
  labels: Readonly<Record<string, string>>,
  instance: string,
): boolean {
  return (
    labels[LABEL_MANAGED] === 'true' && labels[LABEL_INSTANCE] === instance
  );
}

/** What the Engine's details of a container say of whose it is. */
export interface Owned {
  /** Undefined for a container that is not ours. */
  readonly container: OwnContainer | undefined;
  /** All that a client may know of a container that is not ours: that its name is taken. */
  readonly masked: object;
}

/** Reads the Engine's details of a container. Throws a ZodError for another form. */
export function readContainer(text: string, instance: string): Owned {
  const { Id, Name, Config, State, HostConfig } = containerSchema.parse(
    JSON.parse(text),
  );
  const sandboxId = sandboxIdSchema.safeParse(Config.Labels[LABEL_ID]).data;
  return {
    container:
      isOurs(Config.Labels, instance) && sandboxId !== undefined
        ? {
            dockerId: Id,
            sandboxId,
            mounts: [
              ...(HostConfig.Binds ?? []).map(
                (bind) => bind.split(':')[0] ?? bind,
              ),
              ...(HostConfig.Mounts ?? []).flatMap(({ Type, Source }) =>
                Type === 'bind' && Source !== undefined ? [Source] : [],
              ),
            ],
          }
        : undefined,
    masked: { Id, Name, Config: { Labels: {} }, Mounts: [], State },
  };
}

const networkSchema = z.object({ Labels: labelsSchema });

/** Whether the Engine's details of a network say that it is ours. Throws a ZodError for another form. */
export function isOurNetwork(text: string, instance: string): boolean {
  return isOurs(networkSchema.parse(JSON.parse(text)).Labels, instance);
}
