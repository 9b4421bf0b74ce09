import {
  LABEL_INSTANCE,
  LABEL_MANAGED,
  LABEL_SUBNET,
  networkNames,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Place } from './place.ts';

/**
 * Body of the Engine's create call for a sandbox network or for its draft, by which the Engine shows a subnet that is free. The
 * interface is pinned: one of another name could be a bridge that other containers are on.
 */
export function networkBodySchema(place: Place) {
  const { open, isolated } = networkNames(place.instance, place.bridgePrefix);
  const kinds = [open, isolated].flatMap(({ name, bridge }) => {
    const internal = name === isolated.name;
    return [
      { name, bridge, internal },
      { name: `${name}-draft`, bridge: undefined, internal },
    ];
  });
  const [first, ...others] = kinds.map(({ name, bridge, internal }) =>
    z.strictObject({
      Name: z.literal(name),
      CheckDuplicate: z.literal(true),
      Driver: z.literal('bridge'),
      Internal: z.literal(internal),
      Attachable: z.literal(false),
      EnableIPv6: z.literal(false),
      IPAM: z
        .strictObject({
          Driver: z.literal('default'),
          Config: z.tuple([
            z.strictObject({ Subnet: privateSubnet, Gateway: z.ipv4() }),
          ]),
        })
        .optional(),
      Options: z.strictObject({
        'com.docker.network.bridge.enable_icc': z.literal('false'),
        ...(bridge !== undefined && {
          'com.docker.network.bridge.name': z.literal(bridge),
        }),
      }),
      Labels: z.strictObject({
        [LABEL_MANAGED]: z.literal('true'),
        [LABEL_INSTANCE]: z.literal(place.instance),
        [LABEL_SUBNET]: privateSubnet.optional(),
      }),
    }),
  );
  if (first === undefined) throw new Error('there are no sandbox networks');
  return z.discriminatedUnion('Name', [first, ...others]);
}

/** Addresses that no host of the internet has: a subnet among those would hide it from this host. */
const privateSubnet = z
  .cidrv4()
  .regex(
    /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)[\d.]+\/(1[2-9]|2\d)$/,
    'must be a private subnet of 12 to 29 bits',
  );
