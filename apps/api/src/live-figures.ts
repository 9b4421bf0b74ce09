import { AgentError } from '@sandboxed/agent';
import type { SandboxRecord } from '@sandboxed/domain';
import { z } from 'zod';
import type { ApiDeps } from './http/route.ts';

/** A slow or dead agent holds up nobody who only reads. */
const AGENT_MS = 300;
/** Samples older than this say nothing of now. */
const SAMPLE_MS = 60_000;

/** What a sandbox does just now; each is absent where it is not known, as of one that sleeps. */
export const liveFiguresSchema = z.object({
  figures: z
    .object({
      memory_bytes: z.number(),
      cpu_percent: z.number(),
      processes: z.number(),
      sampled_at: z.string(),
    })
    .optional(),
  services: z
    .array(z.looseObject({ name: z.string(), status: z.string() }))
    .optional(),
  /** By port: whether something listens there. */
  previews: z
    .record(z.string(), z.object({ listening: z.boolean() }))
    .optional(),
});

/** Memory, CPU and processes as last sampled; absent where unknown. */
export function sampledFigures(
  { store, now }: Pick<ApiDeps, 'store' | 'now'>,
  { id, state }: Pick<SandboxRecord, 'id' | 'state'>,
): Pick<z.output<typeof liveFiguresSchema>, 'figures'> {
  if (state !== 'running') return {};
  const sample = store.samples.get(id);
  if (sample === undefined || now() - sample.at > SAMPLE_MS) return {};
  return {
    figures: {
      memory_bytes: sample.memoryBytes,
      cpu_percent: sample.cpuPercent,
      processes: sample.processes,
      sampled_at: new Date(sample.at).toISOString(),
    },
  };
}

/** Memory, CPU and processes as last sampled, services and previews as the agent tells them; absent where unknown. */
export async function liveFigures(
  { store, agent, now }: ApiDeps,
  sandbox: SandboxRecord,
): Promise<z.output<typeof liveFiguresSchema>> {
  if (sandbox.state !== 'running') return {};
  const figures = sampledFigures({ store, now }, sandbox);
  const client = agent(sandbox.id);
  try {
    const signal = AbortSignal.timeout(AGENT_MS);
    const [services, ...open] = await Promise.all([
      client.services({ signal }),
      ...sandbox.ports.map((port) =>
        client.waitPort(port, { timeoutMs: 0, signal }),
      ),
    ]);
    return {
      ...figures,
      services,
      previews: Object.fromEntries(
        sandbox.ports.map((port, index) => [
          String(port),
          { listening: open[index] ?? false },
        ]),
      ),
    };
  } catch (error) {
    if (error instanceof AgentError || isTimeout(error)) return figures;
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'TimeoutError' || error.name === 'AbortError')
  );
}
