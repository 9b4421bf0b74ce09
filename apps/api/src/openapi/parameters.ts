import {
  jobIdSchema,
  MAX_WAIT_SECONDS,
  sandboxIdSchema,
  serviceNameSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Route } from '../http/route.ts';
import { EVENT_STREAM } from '../http/route.ts';
import type { Schemas } from './schemas.ts';

/** What stands in a path, by the parameter's name; `id` of a job is of the same form as one of a sandbox. */
const IN_PATH: Readonly<
  Record<string, { readonly schema: z.ZodType; readonly example: string }>
> = {
  id: { schema: sandboxIdSchema, example: '01M3H5W3QMZJ9V1K0TT5X7BD2A' },
  taskId: { schema: jobIdSchema, example: '01M3H5W3QMZJ9V1K0TT5X7BD2B' },
  deliveryId: { schema: z.string(), example: '01M3H5W3QMZJ9V1K0TT5X7BD2F' },
  name: { schema: serviceNameSchema, example: 'web' },
  key: { schema: z.string(), example: '01M3H5W3QMZJ9V1K0TT5X7BD2C' },
  tenant: { schema: z.string(), example: 'ann' },
  file: { schema: z.string(), example: 'start.js' },
};

/**
 * Parameters that mean the same in every call that takes them. The page fills a form with examples, so that what has to be another
 * value each time has none.
 */
export const PARAMETERS = {
  wait: {
    name: 'wait',
    in: 'query',
    description:
      'Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same.',
    schema: { type: 'number', minimum: 0, maximum: MAX_WAIT_SECONDS },
    example: 60,
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice.',
    schema: { type: 'string' },
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'The `ETag` that the file was read or written with: it is written only if it is that still, else the answer is 412. `*` for any file that is there.',
    schema: { type: 'string' },
  },
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description:
      '`*`: written only if nothing is there, else the answer is 412.',
    schema: { type: 'string', enum: ['*'] },
  },
  lastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that was seen: what follows comes.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  },
  lastLogEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description:
      'The id of the last event of this log that was seen: what follows comes.',
    schema: { type: 'string', pattern: '^[0-9a-f]{16}-[0-9]{1,15}$' },
  },
  after: {
    name: 'after',
    in: 'query',
    description: 'The same, for clients that cannot set the header.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  },
} as const;

const shared = (name: keyof typeof PARAMETERS): object => ({
  $ref: `#/components/parameters/${name}`,
});

/** All parameters of a route under one of its paths. */
export function parameters(
  route: Route,
  path: string,
  schemas: Schemas,
): object[] {
  const isResumed = route.rawAnswer?.[0] === EVENT_STREAM;
  // One that is a stream when it is asked for has ids of its own.
  const isLog = route.rawAnswer?.[1] === EVENT_STREAM;
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: schemas.of(IN_PATH[name]?.schema ?? z.string(), 'input'),
      example: IN_PATH[name]?.example ?? name,
    })),
    ...inQuery(route, schemas),
    ...(route.waits === true || route.statuses.includes(202)
      ? [shared('wait')]
      : []),
    ...(route.method === 'post' && route.answersSecret !== true
      ? [shared('idempotencyKey')]
      : []),
    ...(route.tagged === true && route.method === 'put'
      ? [shared('ifMatch'), shared('ifNoneMatch')]
      : []),
    ...(isResumed ? [shared('lastEventId'), shared('after')] : []),
    ...(isLog ? [shared('lastLogEventId')] : []),
  ];
}

function inQuery(route: Route, schemas: Schemas): object[] {
  if (!(route.query instanceof z.ZodObject)) return [];
  return Object.entries(route.query.shape).map(([name, given]) => {
    const schema = given instanceof z.ZodType ? given : z.unknown();
    const { description, ...rest } = schemas.of(schema, 'input');
    return {
      name,
      in: 'query',
      required: !schema.safeParse(undefined).success,
      description,
      schema: rest,
    };
  });
}
