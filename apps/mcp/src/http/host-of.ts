import { AuthenticationError, Client, PermissionError } from '@sandboxed/sdk';
import type { Host } from '../host.ts';
import type { Caller } from './caller.ts';
import { unauthenticated } from './caller.ts';
import { HttpRefusal } from './refusal.ts';

/**
 * The installation as a caller reaches it, with its own token; throws `HttpRefusal` unless it lets the caller in. Only who may use
 * it can hold a session here.
 */
export async function hostOf(
  baseUrl: string,
  { token, forwardedFor }: Caller,
): Promise<Host> {
  const connection = {
    baseUrl,
    ...(token !== undefined && { token }),
    ...(forwardedFor !== undefined && { fetch: speakingFor(forwardedFor) }),
  };
  try {
    await new Client({ ...connection, maxRetries: 0 }).json(
      'get',
      '/v1/sandboxes',
      { query: { limit: 1 } },
    );
  } catch (error) {
    if (error instanceof AuthenticationError)
      throw unauthenticated(error.message);
    if (error instanceof PermissionError)
      throw new HttpRefusal(403, error.message);
    throw new HttpRefusal(
      502,
      `The installation at ${baseUrl} does not answer: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return { connection, client: new Client(connection) };
}

function speakingFor(address: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('x-forwarded-for', address);
    return fetch(input, { ...init, headers });
  };
}
