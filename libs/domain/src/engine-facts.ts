import { z } from 'zod';

/** What the Docker Engine says of itself and its host. */
export const engineFactsSchema = z.object({
  /** Versions as they are reported, such as `26.1.5+dfsg1`; null when not told. */
  engine: z.string(),
  runc: z.string().nullable(),
  containerd: z.string().nullable(),
  kernel: z.string(),
  seccomp: z.boolean(),
  /** Whether the packet filter sees traffic between containers of one bridge; null when not told, as by API 1.50 and later. */
  bridgeNetfilter: z.boolean().nullable(),
  /** Names that a container's runtime can have. */
  runtimes: z.array(z.string()),
  /** How far the Engine's clock is ahead of ours, in ms; negative when behind. */
  clockAheadMs: z.number(),
});
export type EngineFacts = z.output<typeof engineFactsSchema>;

const versionSchema = z.object({
  Version: z.string(),
  Components: z
    .array(z.object({ Name: z.string(), Version: z.string() }))
    .nullish(),
});
const infoSchema = z.object({
  KernelVersion: z.string().default('unknown'),
  SecurityOptions: z.array(z.string()).nullish(),
  BridgeNfIptables: z.boolean().nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  SystemTime: z.iso.datetime({ offset: true }),
});

/**
 * Reads the answers of `GET /version` and `GET /info`, or what `docker version` and `docker info` print as JSON, which is the same.
 * `now` is our time when they came, in ms. Throws a ZodError for anything else.
 */
export function parseEngineFacts(
  version: unknown,
  info: unknown,
  now: number,
): EngineFacts {
  const { Version, Components } = versionSchema.parse(version);
  const host = infoSchema.parse(info);
  const part = (name: string): string | null =>
    Components?.find(({ Name }) => Name.toLowerCase() === name)?.Version ??
    null;
  return {
    engine: Version,
    runc: part('runc'),
    containerd: part('containerd'),
    kernel: host.KernelVersion,
    seccomp: (host.SecurityOptions ?? []).some((option) =>
      option.startsWith('name=seccomp'),
    ),
    bridgeNetfilter: host.BridgeNfIptables ?? null,
    runtimes: Object.keys(host.Runtimes ?? {}).sort(),
    clockAheadMs: Date.parse(host.SystemTime) - now,
  };
}

/** What is wrong with `runtime` for new containers; undefined when the Engine offers it. */
export function runtimeProblem(
  { runtimes }: Pick<EngineFacts, 'runtimes'>,
  runtime: string,
): string | undefined {
  if (runtimes.includes(runtime)) return undefined;
  return `the Docker Engine has no runtime "${runtime}", it offers ${runtimes.join(', ')}. Add it to "runtimes" in the Engine's daemon.json and reload the Engine, or name another.`;
}
