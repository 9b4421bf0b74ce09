import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({ command: z.array(z.string()).optional() }),
  ),
});

/**
 * What compose.yaml tells the Node of each service, so that a stack of our own is the one that is installed. Throws for a service
 * without such a command.
 */
export async function nodeFlags(
  root: string,
): Promise<(service: string) => readonly string[]> {
  const { services } = composeSchema.parse(
    parse(await readFile(join(root, 'compose.yaml'), 'utf8')),
  );
  return (service) => {
    const command = services[service]?.command ?? [];
    const program = command.indexOf(`/app/dist/${service}.mjs`);
    if (command[0] !== 'node' || program < 0)
      throw new Error(`compose.yaml has no command of node for ${service}`);
    return command.slice(1, program);
  };
}
