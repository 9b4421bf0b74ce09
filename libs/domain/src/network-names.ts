import { z } from 'zod';

/** What an installation is called, in labels and networks; two on one host differ in it. */
export const instanceSchema = z.string().regex(/^[a-z0-9-]{1,32}$/);
/** Begins the names of the sandbox bridges, which Linux bounds to 15 characters. */
export const bridgePrefixSchema = z.string().regex(/^[a-z0-9]{1,6}$/);

/** What a sandbox network and its interface on the host are called. */
export interface NetworkName {
  readonly name: string;
  readonly bridge: string;
}

/** The two sandbox networks of an installation; `bridgePrefix` begins the names of their interfaces, which packet filter rules name. */
export function networkNames(
  instance: string,
  bridgePrefix: string,
): { readonly open: NetworkName; readonly isolated: NetworkName } {
  return {
    open: { name: `${instance}-sandboxes`, bridge: `${bridgePrefix}-open` },
    isolated: {
      name: `${instance}-isolated`,
      bridge: `${bridgePrefix}-isolated`,
    },
  };
}
