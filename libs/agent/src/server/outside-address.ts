import os from 'node:os';

/** The address by which previews come in; undefined on a machine that has loopback addresses alone. */
export function outsideAddress(): string | undefined {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
