import type { RecordingClient } from './recording-client.ts';

/** Sends calls with secrets in every way that is refused: `value` in bodies, `wrong` for a token. Answers their statuses. */
export async function sendRefused(
  { call }: RecordingClient,
  id: string,
  { value, wrong }: { readonly value: string; readonly wrong: string },
): Promise<readonly number[]> {
  const exec = `/sandbox/${id}/exec`;
  return [
    await call('POST', '/sandbox', `{"env":{"K":"${value}"}`),
    await call('POST', '/sandbox', `{"env":{"K":${value}}}`),
    await call('POST', '/sandbox', value),
    await call('POST', '/sandbox', { env: { K: [value] } }),
    await call('POST', '/sandbox', { env: { K: `${value}\0` } }),
    await call('POST', '/sandbox', { env: value }),
    await call('POST', '/sandbox', { unknown: value }),
    await call('POST', '/sandbox', { id, env: { K: value } }),
    await call('POST', '/sandbox', {
      image: 'not/allowed',
      env: { K: value },
    }),
    await call('POST', exec, { shell: 'true', stdin: { a: value } }),
    await call('POST', exec, { env: { K: value } }),
    await call('POST', exec, { shell: 'true', env: { 'a-b': value } }),
    await call('POST', exec, {
      shell: 'true',
      env: { LD_PRELOAD: value },
    }),
    await call('POST', `/sandbox/${'0'.repeat(26)}/exec`, {
      shell: 'true',
      env: { K: value },
    }),
    await call('PUT', `/sandbox/${id}/services/web`, {
      env: { K: value },
    }),
    await call('POST', `/v1/sandboxes/${id}/tasks`, {
      agent: 'none',
      prompt: 'x',
      env: { K: value },
    }),
    await call('PATCH', `/v1/sandboxes/${id}`, { env: { K: value } }),
    await call('POST', '/sandbox', 'x'.repeat(1_100_000) + value),
    await call('GET', '/v1/sandboxes', undefined, {
      authorization: `Bearer ${wrong}`,
    }),
    await call('GET', '/v1/sandboxes', undefined, {
      authorization: wrong,
    }),
  ].map(({ status }) => status);
}
