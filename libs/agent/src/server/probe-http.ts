import http from 'node:http';

/**
 * The status of a GET to the sandbox's own port; undefined when nothing HTTP answers within `timeoutMs`. Both families of
 * addresses are tried: many development servers listen on one alone.
 */
export async function probeHttp(
  port: number,
  path: string,
  timeoutMs: number,
): Promise<number | undefined> {
  for (const host of ['127.0.0.1', '::1']) {
    const status = await get(host, port, path, timeoutMs);
    if (status !== undefined) return status;
  }
  return undefined;
}

function get(
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get(
      // What a browser sends: development servers answer a program without it by other rules.
      { host, port, path, headers: { accept: 'text/html,*/*' } },
      (response) => {
        resolve(response.statusCode);
        response.destroy();
      },
    );
    // A timer and not the socket's own limit: a server may drip bytes for ever.
    const timer = setTimeout(() => request.destroy(), timeoutMs);
    request.once('error', () => {
      resolve(undefined);
    });
    request.once('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
