import { z } from 'zod';
import type { Engine } from './engine.ts';

/** What container options depend on. */
export interface HostFacts {
  readonly cgroupVersion: 1 | 2;
  /** CPUs the Engine may hand out; asking for more is an error there. */
  readonly cpus: number;
}

const infoSchema = z.object({
  NCPU: z.int().positive(),
  // Engines before 20.10 do not send it, and knew only version 1.
  CgroupVersion: z.string().optional(),
});

/** Asks the Engine what the host supports. */
export async function readHostFacts(engine: Engine): Promise<HostFacts> {
  return engine.call('describe the host', async () => {
    const answer: unknown = await engine.docker.info();
    const info = infoSchema.parse(answer);
    return {
      cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
      cpus: info.NCPU,
    };
  });
}
