import { FEED_EXAMPLE } from '../examples.ts';
import { streamFeed } from '../http/feed.ts';
import type { Route } from '../http/route.ts';
import { EVENT_STREAM, route } from '../http/route.ts';
import { lastSeen } from '../http/sse.ts';

const feed = route({
  method: 'get',
  operationId: 'streamEvents',
  tag: 'Sandboxes',
  paths: ['/v1/events'],
  summary:
    "Stream what all of the caller's sandboxes tell: transitions, jobs, findings and disk warnings (SSE)",
  description:
    'Each event is what the own log of its sandbox has, with `sandbox_id`. Begins with what comes next unless told after which event; `position` says where the stream stands. Who was away for very long is sent `trimmed`, and reads the lists anew.',
  example: { answer: FEED_EXAMPLE },
  rawAnswer: [EVENT_STREAM],
  statuses: [200],
  stream: (call, response) => streamFeed(call, response, lastSeen(call)),
});

export const FEED_ROUTES: readonly Route[] = [feed];
