import { AgentError, logPositionSchema } from '@sandboxed/agent';
import type { LogFrame } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';
import { z } from 'zod';
import { parse } from '../http/body.ts';
import { sandboxOf } from '../http/params.ts';
import type { Call } from '../http/route.ts';
import { both, EVENT_STREAM, route } from '../http/route.ts';
import { HEARTBEAT_MS, openStream, write } from '../http/sse.ts';
import { missing, nameOf } from './service-name.ts';

/** The log of a service: its end, or a stream that is taken up after `Last-Event-ID` or `?after=`. */
export const readLogs = route({
  method: 'get',
  operationId: 'readServiceLogs',
  tag: 'Services',
  paths: both('/services/{name}/logs'),
  summary: 'The last lines a service wrote; `follow=true` goes on as SSE',
  query: z.object({
    tail: z.coerce
      .number()
      .int()
      .min(1)
      .max(5_000)
      .default(200)
      .describe('The last so many lines.'),
    follow: z
      .enum(['true', 'false'])
      .default('false')
      .describe(
        '`true` goes on with what comes, as server-sent events `log`, each with an id by which to go on after it.',
      ),
    after: logPositionSchema
      .optional()
      .describe(
        'The id of the last event that was seen: what follows comes instead of the last lines, after an event `trimmed` (with `bytes`, where it is known how many) when not all of it is kept. `Last-Event-ID` says the same.',
      ),
  }),
  example: { answer: 'listening on 3000\n' },
  rawAnswer: ['text/plain', EVENT_STREAM],
  statuses: [200],
  async stream(call, response) {
    const { deps, query, gone } = call;
    const sandbox = sandboxOf(call);
    const name = nameOf(call);
    if (sandbox.state !== 'running')
      throw new DomainError(
        'sandbox_not_running',
        `The sandbox is ${sandbox.state}: start it to read the log of its services.`,
      );
    const follow = query.follow === 'true';
    const after = lastSeen(call);
    const client = deps.agent(sandbox.id);
    let heartbeat: NodeJS.Timeout | undefined;
    try {
      const services = await client.services({ signal: gone });
      if (!services.some((service) => service.name === name))
        throw missing(name);
      // A follower of a service that is quiet hears at once that it follows.
      if (follow) {
        openStream(response);
        heartbeat = setInterval(() => {
          response.write(': heartbeat\n\n');
        }, HEARTBEAT_MS);
      } else response.status(200).type('text/plain; charset=utf-8');
      const frames = client.serviceLogs(name, {
        tail: query.tail,
        after,
        follow,
        signal: AbortSignal.any([gone, deps.hub.closing]),
      });
      for await (const frame of frames) {
        const piece = follow ? eventOf(frame) : frame.text;
        if (!(await write(response, piece, gone))) return;
      }
      response.end();
    } catch (error) {
      if (gone.aborted) return;
      if (deps.hub.closing.aborted) {
        response.end();
        return;
      }
      if (!(error instanceof AgentError)) throw error;
      if (response.headersSent) response.end();
      else
        throw error.code === 'agent_not_found'
          ? missing(name)
          : new DomainError(
              'agent_unreachable',
              'The sandbox does not answer.',
              { cause: error },
            );
    } finally {
      clearInterval(heartbeat);
    }
  },
});

/** The last event that the reader has. Throws `invalid_request`. */
function lastSeen({
  request,
  query,
}: Call<unknown, { readonly after?: string | undefined }>): string | undefined {
  const header = request.get('last-event-id');
  return header === undefined
    ? query.after
    : parse(logPositionSchema, header, 'after');
}

/** What is not kept any more is told of first; a frame without text tells where the stream stands. */
function eventOf({ text, id, gap, lost }: LogFrame): string {
  const number = id === undefined ? '' : `id: ${id}\n`;
  const said =
    text === ''
      ? `${number}event: position\ndata: {}\n\n`
      : `${number}event: log\ndata: ${JSON.stringify({ text })}\n\n`;
  return gap === true ? trimmed(lost) + said : said;
}

/** `bytes` are those that are lost, where that is known. */
function trimmed(bytes: number | undefined): string {
  const message =
    'What the service wrote between where you were and what follows is no longer kept.';
  return `event: trimmed\ndata: ${JSON.stringify({ message, bytes })}\n\n`;
}
