import { once } from 'node:events';
import { AgentError } from '../errors.ts';
import type { AgentHealth } from '../protocol.ts';
import { AGENT_PROTOCOL, healthSchema, OLDEST_PROTOCOL } from '../protocol.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** An agent that runs answers in milliseconds; one that does not is left to the call itself. */
const ASK_MS = 2_000;
const HEALTH = {
  method: 'GET',
  path: '/v1/health',
  timeoutMs: ASK_MS,
} as const;

type Versions = Pick<AgentHealth, 'protocol' | 'oldest_protocol'>;
type OurVersions = Readonly<Record<keyof Versions, number>>;
const OURS = { protocol: AGENT_PROTOCOL, oldest_protocol: OLDEST_PROTOCOL };

/** Throws {@link AgentError} `agent_incompatible` when neither side understands the other's version. */
export function checkProtocol(
  { protocol, oldest_protocol = protocol }: Versions,
  ours: OurVersions = OURS,
): void {
  if (isUnderstood({ protocol, oldest_protocol }, ours)) return;
  throw new AgentError(
    'agent_incompatible',
    `it speaks version ${protocol} of the agent's protocol, and this sandboxed the versions ${ours.oldest_protocol} to ${ours.protocol}`,
  );
}

function isUnderstood(
  { protocol, oldest_protocol = protocol }: Versions,
  ours: OurVersions = OURS,
): boolean {
  return protocol >= ours.oldest_protocol && oldest_protocol <= ours.protocol;
}

/**
 * The same transport, which asks the agent for its version before the first call. An agent that does not tell is asked again
 * before the next one, and the call is made: it says best what is wrong.
 */
export function negotiated(transport: Transport): Transport {
  let agreed = false;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    let answer: unknown;
    try {
      answer = await transport.call(HEALTH);
    } catch {
      return;
    }
    const health = healthSchema.safeParse(answer);
    if (!health.success) return;
    checkProtocol(health.data);
    agreed = true;
  }

  /** Who asks for the health wants to know it, whatever the version. */
  async function health(request: TransportRequest): Promise<unknown> {
    const answer = await transport.call(request);
    const { data } = healthSchema.safeParse(answer);
    if (data !== undefined) agreed ||= isUnderstood(data);
    return answer;
  }

  async function agree(signal: AbortSignal | undefined): Promise<void> {
    if (agreed) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await orAborted(asking, signal);
  }

  return {
    async call(request) {
      if (request.path.split('?')[0] === HEALTH.path) return health(request);
      await agree(request.signal);
      return transport.call(request);
    },
    async *lines(request) {
      await agree(request.signal);
      yield* transport.lines(request);
    },
    close() {
      transport.close();
    },
    retire() {
      transport.retire();
    },
  };
}

/** Waits for what goes on for others too, until `signal` is aborted, whose reason is thrown. */
async function orAborted(
  work: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal });
  try {
    await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
}
