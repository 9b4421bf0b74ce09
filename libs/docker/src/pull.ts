import { DomainError } from '@sandboxed/domain';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { bounded, EngineRefusal } from './errors.ts';
import { ndjson } from './ndjson.ts';

const PULL_LIMIT_MS = 60_000;
const MAX_PROGRESS_LINE = 65_536;

const progressSchema = z.object({ error: z.string().optional() });

/** Pulls an image that is not on the host, once. Throws `image_missing` with what to do. */
export async function pullImage(engine: Engine, image: string): Promise<void> {
  try {
    await engine.call(
      `pull the image ${image}`,
      async (abortSignal) => {
        const stream: unknown = await engine.docker.pull(image, {
          abortSignal,
        });
        if (!(stream instanceof Readable))
          throw new Error('the Engine sent no progress');
        abortSignal.addEventListener('abort', () => stream.destroy(), {
          once: true,
        });
        for await (const line of ndjson(stream, MAX_PROGRESS_LINE)) {
          const { error } = progressSchema.parse(line);
          if (error !== undefined)
            throw new EngineRefusal('pull', 500, bounded(error), undefined);
        }
      },
      PULL_LIMIT_MS,
    );
  } catch (error) {
    if (engine.closing.aborted) throw error;
    throw imageMissing(image, error);
  }
}

function imageMissing(image: string, error: unknown): DomainError {
  const why =
    error instanceof EngineRefusal
      ? error.words
      : error instanceof DomainError
        ? error.message
        : String(error);
  return new DomainError(
    'image_missing',
    `The image ${image} is not on this host and could not be pulled: ${why.replace(/\.$/, '')}. Build it with \`docker build -t ${image}\` or name another image.`,
    { cause: error },
  );
}
