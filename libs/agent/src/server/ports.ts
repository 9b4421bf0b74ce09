import net from 'node:net';
import { outsideAddress } from './outside-address.ts';
import { pause } from './pause.ts';

const CONNECT_TIMEOUT_MS = 500;
const FIRST_STEP_MS = 2;
const LAST_STEP_MS = 20;
/** Of what was waited so far is waited until the next try: nobody hears of a port later than that. */
const STEP_SHARE = 0.1;

/** Whether something accepts connections on this port of the loopback interface, IPv4 or IPv6. */
export async function portOpen(port: number): Promise<boolean> {
  // Both: many development servers listen on `localhost`, which may mean ::1 alone.
  const answers = await Promise.all([
    accepts('127.0.0.1', port),
    accepts('::1', port),
  ]);
  return answers.includes(true);
}

/** Whether previews reach the port: a server on the loopback interface alone serves nobody outside. */
export async function portReachable(port: number): Promise<boolean> {
  const outside = outsideAddress();
  return outside === undefined ? portOpen(port) : accepts(outside, port);
}

/** Waits up to `timeoutMs` until the port accepts connections; false when it does not, or `signal` aborts. */
export async function waitForPort(
  port: number,
  options: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** Shortest and longest milliseconds between two tries; 2 and 20 by default. */
    readonly firstStepMs?: number;
    readonly lastStepMs?: number;
    /** What counts as accepting; {@link portOpen} by default. */
    readonly check?: (port: number) => Promise<boolean>;
  },
): Promise<boolean> {
  const { check = portOpen } = options;
  const { firstStepMs = FIRST_STEP_MS, lastStepMs = LAST_STEP_MS } = options;
  const beganAt = performance.now();
  while (!options.signal.aborted) {
    if (await check(port)) return true;
    const waited = performance.now() - beganAt;
    const left = options.timeoutMs - waited;
    if (left <= 0) return false;
    const step = Math.max(firstStepMs, waited * STEP_SHARE);
    await pause(Math.min(step, lastStepMs, left), options.signal);
  }
  return false;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const done = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      done(false);
    });
    socket.once('connect', () => {
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });
}
