import http from 'node:http';
import type { ProbeAnswer } from '../protocol.ts';
import { outsideAddress } from './outside-address.ts';

/**
 * What a GET to the sandbox's own port answers; nothing when nothing HTTP answers within `timeoutMs` an address. The address
 * that previews come in by is asked first. Both families of loopback addresses follow: a server may listen on one alone.
 */
export async function probeHttp(
  port: number,
  path: string,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const outside = outsideAddress();
  if (outside !== undefined) {
    const status = await get(outside, port, path, timeoutMs);
    if (status !== undefined) return { http_status: status };
  }
  for (const host of ['127.0.0.1', '::1']) {
    const status = await get(host, port, path, timeoutMs);
    if (status !== undefined)
      return {
        http_status: status,
        ...(outside !== undefined && { loopback_only: true }),
      };
  }
  return {};
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
