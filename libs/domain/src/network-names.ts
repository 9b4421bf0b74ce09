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
