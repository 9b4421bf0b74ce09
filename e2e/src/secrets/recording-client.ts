import type { Place } from './places.ts';

/** Calls an API with a token and keeps every byte that it answers. */
export interface RecordingClient {
  readonly answers: readonly Place[];
  /** One call; a body that is no string is sent as JSON. Answers status and the parsed body, undefined when that is not JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
}

export function createRecordingClient(
  api: string,
  token: string,
): RecordingClient {
  const answers: Place[] = [];
  return {
    answers,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
        signal: AbortSignal.timeout(150_000),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const head = JSON.stringify([...response.headers]);
      const name = `answer ${response.status} to ${method} ${path}`;
      answers.push({ name, bytes: Buffer.concat([Buffer.from(head), bytes]) });
      return { status: response.status, body: parse(bytes.toString('utf8')) };
    },
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
