import { chmod, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '@sandboxed/runtime';
import type { Asked, EngineCall, Plan, Policy } from './call.ts';
import { Refusal } from './call.ts';
import type { Answer, Engine } from './engine.ts';
import { isOurNetwork, readContainer } from './ownership.ts';
import { holdToDataDir } from './plain-directories.ts';
import { readBody } from './read-body.ts';
import { readTarget } from './read-target.ts';
import type { SeenContainers } from './seen-containers.ts';

/** Of the Engine's answers; its clients read the API's version from them. */
const RELAYED_HEADERS = ['content-type', 'api-version', 'ostype', 'server'];
const MAX_CONNECTIONS = 512;
/** A whole request has to be here within this time. Milliseconds. */
const REQUEST_MS = 10_000;
/** Longer than clients keep an idle connection, so that none is closed just as it is used again. Milliseconds. */
const KEEP_ALIVE_MS = 120_000;

/** One socket of the proxy. */
export interface ServeOptions {
  readonly socketPath: string;
  /** Who is served, for the log. */
  readonly name: string;
  readonly policy: Policy;
  readonly engine: Engine;
  readonly seen: SeenContainers;
  readonly instance: string;
  readonly dataDir: string;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Listens on a socket, replacing what an earlier process left there, and answers what the policy lets through. A refusal is a 403
 * with its reason. Where the Engine does not answer, the connection is cut: to a client that is an Engine that does not answer.
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { socketPath } = options;
  await rm(socketPath, { force: true });
  const server = createServer({ requestTimeout: REQUEST_MS }, (...pair) => {
    void answer(options, ...pair);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
  return server;
}

async function answer(
  options: ServeOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    gone.abort();
  });
  try {
    const asked = await readAsked(incoming);
    await carryOut(
      options,
      asked,
      options.policy(asked),
      outgoing,
      gone.signal,
    );
  } catch (error) {
    if (gone.signal.aborted) return;
    const call = { method: incoming.method, url: incoming.url?.slice(0, 200) };
    if (error instanceof Refusal && !outgoing.headersSent) {
      const { status, message } = error;
      options.logger.warn({ client: options.name, call, message }, 'refused');
      // What is left of its body is not read.
      if (!incoming.complete) outgoing.setHeader('connection', 'close');
      reply(outgoing, status, { message });
      return;
    }
    options.logger.warn(
      { client: options.name, call, err: error },
      'a call was not carried out',
    );
    outgoing.destroy();
  }
}

async function readAsked(incoming: IncomingMessage): Promise<Asked> {
  const { method = '', url = '', headers } = incoming;
  if (headers.upgrade !== undefined)
    throw new Refusal('No call of ours changes the protocol.');
  const target = readTarget(url);
  return { method, ...target, body: await readBody(incoming) };
}

async function carryOut(
  options: ServeOptions,
  asked: Asked,
  plan: Plan,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { engine, seen, instance, dataDir } = options;
  const make = async (call: EngineCall): Promise<void> => {
    await holdToDataDir(dataDir, call.mounts ?? []);
    await relay(await engine.send(asked.version, call, signal), outgoing);
  };
  if (plan.kind === 'send') {
    await make(plan.call);
    return;
  }
  const known = plan.kind === 'container' ? seen.get(plan.ref) : undefined;
  if (plan.kind === 'container' && known !== undefined) {
    await make(plan.call(known));
    return;
  }
  const path =
    plan.kind === 'network'
      ? `/networks/${plan.ref}`
      : `/containers/${plan.ref}/json`;
  const details = await engine.ask(asked.version, path, signal);
  if (details.status !== 200) {
    hand(outgoing, details);
    return;
  }
  if (plan.kind === 'network') {
    if (!isOurNetwork(details.text, instance))
      throw new Refusal('This network is not one of this installation.');
    await make(plan.call);
    return;
  }
  const { container, masked } = readContainer(details.text, instance);
  if (container !== undefined) seen.add(container);
  if (plan.kind === 'inspect') {
    if (container === undefined) reply(outgoing, 200, masked);
    else hand(outgoing, details);
    return;
  }
  if (container === undefined)
    throw new Refusal('This container is not one of this installation.');
  await make(plan.call(container));
}

/** Passes the Engine's answer on as it comes; a client that reads slowly slows the Engine. */
async function relay(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = incoming.statusCode ?? 502;
  for (const name of RELAYED_HEADERS) {
    const value = incoming.headers[name];
    if (value !== undefined) outgoing.setHeader(name, value);
  }
  // Events may be long in coming, and a client waits for the head.
  outgoing.flushHeaders();
  await pipeline(incoming, outgoing);
}

function hand(
  outgoing: ServerResponse,
  { status, contentType, text }: Answer,
): void {
  outgoing.writeHead(status, { 'content-type': contentType });
  outgoing.end(text);
}

function reply(outgoing: ServerResponse, status: number, body: object): void {
  const contentType = 'application/json';
  hand(outgoing, { status, contentType, text: JSON.stringify(body) });
}
