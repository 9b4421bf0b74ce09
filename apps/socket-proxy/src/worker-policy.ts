import { networkNames } from '@sandboxed/domain';
import { z } from 'zod';
import type { EngineCall, OwnContainer, Plan, Policy } from './call.ts';
import { Refusal } from './call.ts';
import { containerBodySchema, limitsSchema } from './container-body.ts';
import { byName, filtersParameter, onlyOurs } from './filters.ts';
import { networkBodySchema } from './network-body.ts';
import type { Place } from './place.ts';
import { noQuery, parse, policyOf, route } from './route.ts';

const flag = z.enum(['true', '1']);
const imageName = z.string().regex(/^[a-z0-9][A-Za-z0-9._/:-]{0,255}$/);
const imageTag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._:-]{0,127}$/);

/** The calls of `libs/docker`, and no others: no exec, no archives, no volumes, no builds, nothing of a container that is not ours. */
export function workerPolicy(place: Place): Policy {
  const { instance } = place;
  const networks = networkNames(instance, place.bridgePrefix);
  const networkBody = networkBodySchema(place);
  return policyOf('a worker', [
    ...['/_ping', '/version', '/info'].map((path) =>
      route('GET', path, noQuery, () => send({ method: 'GET', path })),
    ),
    route(
      'GET',
      '/events',
      z.strictObject({ filters: filtersParameter }),
      ({ query }) => events(instance, query.filters),
    ),
    route(
      'GET',
      '/containers/json',
      z.strictObject({ all: flag.optional(), filters: filtersParameter }),
      ({ query }) =>
        send({
          method: 'GET',
          path: '/containers/json',
          query: {
            ...(query.all !== undefined && { all: 'true' }),
            filters: onlyOurs(instance, query.filters),
          },
        }),
    ),
    route('GET', '/containers/:ref/json', noQuery, ({ ref }) => ({
      kind: 'inspect',
      ref,
    })),
    route(
      'GET',
      '/containers/:ref/stats',
      z.strictObject({ stream: z.literal('false'), 'one-shot': flag }),
      ({ ref, query }) =>
        ours(ref, ({ dockerId }) => ({
          method: 'GET',
          path: `/containers/${dockerId}/stats`,
          query,
        })),
    ),
    route(
      'POST',
      '/containers/create',
      z.strictObject({ name: z.string().max(64) }),
      ({ query, body }) => {
        const checked = parse(
          'the rules for a new container',
          containerBodySchema(place, query.name),
          body,
        );
        return send({
          method: 'POST',
          path: '/containers/create',
          query,
          body: checked,
          mounts: checked.HostConfig.Mounts.map(({ Source }) => Source),
        });
      },
    ),
    route('POST', '/containers/:ref/start', noQuery, ({ ref }) =>
      ours(ref, ({ dockerId, mounts }) => ({
        ...post(dockerId, 'start'),
        mounts,
      })),
    ),
    route('POST', '/containers/:ref/unpause', noQuery, ({ ref }) =>
      ours(ref, ({ dockerId }) => post(dockerId, 'unpause')),
    ),
    route(
      'POST',
      '/containers/:ref/stop',
      z.strictObject({ t: z.string().regex(/^\d{1,4}$/) }),
      ({ ref, query }) =>
        ours(ref, ({ dockerId }) => ({ ...post(dockerId, 'stop'), query })),
    ),
    route(
      'POST',
      '/containers/:ref/wait',
      z.strictObject({ condition: z.literal('not-running') }),
      ({ ref, query }) =>
        ours(ref, ({ dockerId }) => ({ ...post(dockerId, 'wait'), query })),
    ),
    route(
      'POST',
      '/containers/:ref/rename',
      z.strictObject({ name: z.string().max(64) }),
      ({ ref, query }) =>
        ours(ref, (container) => ({
          ...post(container.dockerId, 'rename'),
          query: { name: ownName(container, query.name) },
        })),
    ),
    route('POST', '/containers/:ref/update', noQuery, ({ ref, body }) => {
      const limits = parse('the rules for limits', limitsSchema, body);
      return ours(ref, ({ dockerId }) => ({
        ...post(dockerId, 'update'),
        body: limits,
      }));
    }),
    route(
      'DELETE',
      '/containers/:ref',
      z.strictObject({ force: flag, v: flag }),
      ({ ref, query }) =>
        ours(ref, ({ dockerId }) => ({
          method: 'DELETE',
          path: `/containers/${dockerId}`,
          query,
        })),
    ),
    // Without `fromSrc`: that would unpack an archive that a client sends.
    route(
      'POST',
      '/images/create',
      z.strictObject({ fromImage: imageName, tag: imageTag.optional() }),
      ({ query: { fromImage, tag } }) =>
        send({
          method: 'POST',
          path: '/images/create',
          query: { fromImage, ...(tag !== undefined && { tag }) },
        }),
    ),
    route(
      'GET',
      '/networks',
      z.strictObject({ filters: z.string() }),
      ({ query }) =>
        send({
          method: 'GET',
          path: '/networks',
          query: {
            filters: byName(
              query.filters,
              Object.values(networks).map(({ name }) => name),
            ),
          },
        }),
    ),
    route('POST', '/networks/create', noQuery, ({ body }) =>
      send({
        method: 'POST',
        path: '/networks/create',
        body: parse('the rules for a new network', networkBody, body),
      }),
    ),
    route('DELETE', '/networks/:ref', noQuery, ({ ref }) => ({
      kind: 'network',
      ref: networkId(ref),
      call: { method: 'DELETE', path: `/networks/${ref}` },
    })),
  ]);
}

function send(call: EngineCall): Plan {
  return { kind: 'send', call };
}

/** Events of our own containers. */
function events(
  instance: string,
  filters: z.output<typeof filtersParameter>,
): Plan {
  return send({
    method: 'GET',
    path: '/events',
    query: {
      filters: onlyOurs(instance, { ...filters, type: ['container'] }),
    },
  });
}

function ours(
  ref: string,
  call: (container: OwnContainer) => EngineCall,
): Plan {
  return { kind: 'container', ref, call };
}

function post(dockerId: string, verb: string): EngineCall {
  return { method: 'POST', path: `/containers/${dockerId}/${verb}` };
}

function ownName({ sandboxId }: OwnContainer, name: string): string {
  if (name !== `s-${sandboxId.toLowerCase()}`)
    throw new Refusal('A container may only get the name of its sandbox.');
  return name;
}

function networkId(ref: string): string {
  if (!/^[0-9a-f]{64}$/.test(ref))
    throw new Refusal('A network is removed by its whole id alone.');
  return ref;
}
