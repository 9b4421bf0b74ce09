import { errorOf, SandboxedError } from '../errors.ts';
import type { Client } from '../http/client.ts';
import type { RawRequest } from '../http/request.ts';

type Address = Pick<RawRequest, 'path' | 'query'> & {
  readonly params: { readonly id: string };
};

/**
 * Throws why the web socket of a terminal was refused. Nobody is told with the web socket itself, so the same is asked as a plain call,
 * which opens nothing. Throws nothing when that would be let in.
 */
export async function throwRefusal(
  client: Client,
  address: Address,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.raw({ method: 'get', ...address, signal, patienceMs: 0 }, () =>
      Promise.resolve(),
    );
  } catch (error) {
    // That it is no web socket is the last thing that is found wrong with it.
    const isLetIn =
      error instanceof SandboxedError &&
      error.code === 'invalid_request' &&
      error.fields.length === 0;
    if (!isLetIn) throw error;
  }
}

/** Throws `ConflictError` when the sandbox does not run: a terminal that was there is gone with it. */
export async function throwIfAsleep(
  client: Client,
  params: Address['params'],
  signal: AbortSignal,
): Promise<void> {
  const { status } = await client.json(
    'get',
    '/v1/sandboxes/{id}',
    { params },
    { signal },
  );
  if (status !== 'running')
    throw errorOf('The sandbox was stopped, and the terminal with it.', {
      code: 'sandbox_not_running',
    });
}
