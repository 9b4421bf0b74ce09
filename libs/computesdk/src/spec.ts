import type { CreateSandboxOptions } from '@computesdk/provider';
import type { SandboxSpec } from '@sandboxed/sdk';
import { InvalidRequestError } from '@sandboxed/sdk';

/** What a sandbox is to be, of what ComputeSDK asks for. Throws `InvalidRequestError` for what there is not. */
export function specOf(options: CreateSandboxOptions): SandboxSpec {
  const { name, image, templateId, envs, metadata, timeout, cpu } = options;
  if (options.snapshotId !== undefined)
    throw new InvalidRequestError('There are no snapshots here.', {
      code: 'invalid_request',
    });
  const memory = options.memory ?? options.memoryMb ?? options.memoryMiB;
  return {
    ...(name !== undefined && { name }),
    ...(image !== undefined && { image }),
    ...(templateId !== undefined && { template: templateId }),
    ...(envs !== undefined && { env: envs }),
    ...(metadata !== undefined && { labels: labelsOf(metadata) }),
    // After so long without use it sleeps; it does not end.
    ...(timeout !== undefined && {
      idleTimeoutSeconds: Math.ceil(timeout / 1_000),
    }),
    ...portsOf(options['ports']),
    limits: {
      ...(cpu !== undefined && { cpus: cpu }),
      ...(memory !== undefined && { memoryMb: memory }),
    },
  };
}

function labelsOf(
  metadata: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** An option of providers that ask for ports beforehand. */
function portsOf(ports: unknown): { readonly ports?: readonly number[] } {
  if (ports === undefined) return {};
  if (Array.isArray(ports) && ports.every(isNumber)) return { ports };
  throw new InvalidRequestError(
    `Ports are numbers, unlike ${JSON.stringify(ports)}.`,
    { code: 'invalid_request' },
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
