import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { JobId, SandboxId } from '@sandboxed/domain';
import { stepProcessId } from '@sandboxed/domain';
import { z } from 'zod';
import type { World } from './support.ts';
import { standIn } from './support.ts';

const bodySchema = z
  .object({ id: z.string(), signal: z.string() })
  .partial()
  .catch({});

/** Which process of a task is meant. */
export type StepName = 'checkpoint' | 'program' | 'changes' | 'build';

/** What the stand-in does; whatever is left out goes well. */
export interface Script {
  /** The output of a process, to its end or without one. */
  readonly output?: (step: StepName, response: ServerResponse) => void;
  readonly app?: { present: string[]; texts: Record<string, string> };
  readonly probe?: (response: ServerResponse) => void;
  readonly logs?: (response: ServerResponse) => void;
}

/** A piece of stdout. */
export const piece = (line: unknown, offset: number): string =>
  `${JSON.stringify({ type: 'output', stream: 'stdout', text: `${JSON.stringify(line)}\n`, offset })}\n`;

const state = (id: string, more: object = {}) => ({
  id,
  status: 'running',
  timed_out: false,
  truncated: false,
  started_at_ms: 1,
  ...more,
});

/** The last frame of a process that ended well. */
export const exit = (id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'): string =>
  `${JSON.stringify({
    type: 'exit',
    state: state(id, { status: 'exited', exit_code: 0, finished_at_ms: 2 }),
  })}\n`;

/** A resident agent that does what the test says; answers what it was asked, as `POST start build` or `POST SIGINT build`. */
export async function scriptedAgent(
  place: World,
  sandbox: SandboxId,
  task: () => JobId,
  script: Script,
): Promise<string[]> {
  const asked: string[] = [];
  const nameOf = (id: string): StepName => {
    const steps = ['checkpoint', 'changes', 'build'] as const;
    return (
      steps.find((name) => stepProcessId(task(), name) === id) ?? 'program'
    );
  };
  await standIn(place, sandbox, (request, response) => {
    void text(request).then((body) => {
      const [path = ''] = (request.url ?? '').split('?');
      const id = path.split('/')[3] ?? '';
      const given = bodySchema.parse(body === '' ? {} : JSON.parse(body));
      const say = (answer: unknown): void => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      };
      if (path === '/v1/processes') {
        asked.push(`start ${nameOf(given.id ?? '')}`);
        say(state(given.id ?? ''));
      } else if (path.endsWith('/signal')) {
        asked.push(`${given.signal ?? ''} ${nameOf(id)}`);
        say(state(id));
      } else if (path.endsWith('/output')) {
        const step = nameOf(id);
        asked.push(`follow ${step}`);
        if (script.output === undefined) response.end(exit());
        else script.output(step, response);
      } else if (path.startsWith('/v1/processes/')) say(state(id));
      else if (path === '/v1/health')
        say({
          protocol: 1,
          version: 'x',
          pid: 1,
          started_at_ms: 1,
          booted: true,
        });
      else if (path === '/v1/app')
        say(script.app ?? { present: [], texts: {} });
      else if (path === '/v1/services') say([]);
      else if (path.endsWith('/http') && script.probe !== undefined)
        script.probe(response);
      else if (path.endsWith('/logs') && script.logs !== undefined)
        script.logs(response);
      else say({});
    });
  });
  return asked;
}
