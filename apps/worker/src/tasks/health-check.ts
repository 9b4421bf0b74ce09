import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClient } from '@sandboxed/agent';
import type { AppPlan, TaskResult } from '@sandboxed/domain';
import { previewUrl } from '@sandboxed/domain';
import { asDomainError } from '../agents.ts';
import type { JobContext } from '../context.ts';

/** How long an app may take to answer; its dependencies were installed by the build, or are installed now. */
const READY_MS = 120_000;
const PROBE_MS = 5_000;
const PAUSE_MS = 250;
/** A service that fell over this often will not come up by waiting. */
const FALLS = 4;
const LOG_LINES = 20;
const LOG_CHARS = 4_000;

type Preview = TaskResult['preview'];

/** Waits until the app answers on its own port. An answer is enough at `/`; a health path of the app's own has to be well. */
export async function checkHealth(
  { deps, claim, signal }: JobContext<'task'>,
  { web }: AppPlan,
): Promise<Preview> {
  if (web === undefined)
    return { status: 'none', message: 'The app serves no port.' };
  const sandbox = deps.store.sandboxes.get(claim.sandboxId);
  const url =
    sandbox?.ports.includes(web.port) === true
      ? previewUrl(claim.sandboxId, web.port, deps.origin)
      : undefined;
  const agent = deps.agents.client(claim.sandboxId);
  const deadline = deps.now() + READY_MS;
  const worst = web.healthPath === '/' ? 499 : 399;
  let status: number | undefined;
  while (deps.now() < deadline && !signal.aborted) {
    status = await agent
      .probeHttp(web.port, { path: web.healthPath, timeoutMs: PROBE_MS })
      .catch(asDomainError);
    if (status !== undefined && status <= worst)
      return {
        status: 'ready',
        http_status: status,
        ...(url === undefined
          ? { message: `Port ${web.port} is not among the sandbox's ports.` }
          : { url }),
      };
    if (await keepsFalling(agent, web.service)) break;
    await pause(PAUSE_MS);
  }
  const answer =
    status === undefined
      ? `Nothing answers on port ${web.port}.`
      : `${web.healthPath} on port ${web.port} answers ${status}.`;
  const log = await lastWords(agent, web.service);
  return {
    status: 'failed',
    ...(status !== undefined && { http_status: status }),
    ...(url !== undefined && { url }),
    message: `${answer} The service "${web.service}" wrote last:\n${log}`,
  };
}

async function keepsFalling(
  agent: AgentClient,
  name: string,
): Promise<boolean> {
  const services = await agent.services().catch(asDomainError);
  const service = services.find((state) => state.name === name);
  return service?.status === 'backoff' && service.restarts >= FALLS;
}

async function lastWords(agent: AgentClient, name: string): Promise<string> {
  let text = '';
  try {
    for await (const frame of agent.serviceLogs(name, { tail: LOG_LINES }))
      text = (text + frame.text).slice(-LOG_CHARS);
  } catch (error) {
    return asDomainError(error);
  }
  return text.trim();
}
