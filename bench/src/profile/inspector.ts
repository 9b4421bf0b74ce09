import { z } from 'zod';
import type { CpuProfile } from './cpu-profile.ts';
import { cpuProfileSchema } from './cpu-profile.ts';

const ANSWER_MS = 30_000;
/** Between two samples. Microseconds. */
const INTERVAL_US = 500;

const messageSchema = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** Profiles the process behind an inspector's address while `work` runs. Rejects when it does not answer within 30 s. */
export async function profileWhile(
  address: string,
  work: () => Promise<void>,
): Promise<CpuProfile> {
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => {
      resolve();
    });
    socket.addEventListener('error', () => {
      reject(new Error(`no inspector at ${address}`));
    });
  });
  let last = 0;
  const ask = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last += 1;
      const id = last;
      const late = setTimeout(() => {
        reject(new Error(`the inspector does not answer ${method}`));
      }, ANSWER_MS);
      const hear = ({ data }: { readonly data: unknown }): void => {
        const message = messageSchema.parse(JSON.parse(String(data)));
        if (message.id !== id) return;
        clearTimeout(late);
        socket.removeEventListener('message', hear);
        if (message.error === undefined) resolve(message.result);
        else reject(new Error(`${method}: ${message.error.message}`));
      };
      socket.addEventListener('message', hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    await ask('Profiler.enable');
    await ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await ask('Profiler.start');
    await work();
    return z
      .object({ profile: cpuProfileSchema.loose() })
      .parse(await ask('Profiler.stop')).profile;
  } finally {
    socket.close();
  }
}
