import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClient } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type { AppPlan, TaskResult } from '@sandboxed/domain';
import { previewUrl } from '@sandboxed/domain';
import { asDomainError } from '@sandboxed/jobs';
import type { JobContext } from '../context.ts';

/** How long an app may take to answer; its dependencies were installed by the build, or are installed now. */
const READY_MS = 120_000;
const PROBE_MS = 5_000;
const PAUSE_MS = 250;
/** A service that fell over this often will not come up by waiting. */
const FALLS = 4;
/** A server that answered on the loopback interface alone this often in a row listens nowhere else. */
const LOOPBACK_ANSWERS = 8;
const LOG_LINES = 20;
const LOG_CHARS = 4_000;
const LOG_MS = 3_000;

type Preview = TaskResult['preview'];

/** Waits until the app answers on its own port. An answer is enough at `/`; a health path of the app's own has to be well. */
export async function checkHealth(
  { deps, claim, signal }: JobContext<'task'>,
  { web }: AppPlan,
): Promise<Preview> {
  if (web === undefined)
    return { status: 'none', message: 'The app serves no port.' };
  const ports = deps.store.sandboxes.get(claim.sandboxId)?.ports ?? [];
  if (!ports.includes(web.port))
    return {
      status: 'failed',
      message: `The app serves port ${web.port}, which is not among the sandbox's ports (${ports.join(', ')}): nobody can open it.`,
    };
  const url = previewUrl(claim.sandboxId, web.port, deps.origin);
  const agent = deps.agents.client(claim.sandboxId);
  const deadline = deps.now() + READY_MS;
  const worst = web.healthPath === '/' ? 499 : 399;
  let status: number | undefined;
  let loopbackAnswers = 0;
  while (deps.now() < deadline && !signal.aborted) {
    const probe = await agent
      .probeHttp(web.port, { path: web.healthPath, timeoutMs: PROBE_MS })
      .catch(asDomainError);
    status = probe.http_status;
    loopbackAnswers = probe.loopback_only === true ? loopbackAnswers + 1 : 0;
    if (status !== undefined && status <= worst && loopbackAnswers === 0)
      return { status: 'ready', http_status: status, url };
    if (loopbackAnswers >= LOOPBACK_ANSWERS) break;
    if (await keepsFalling(agent, web.service)) break;
    await pause(PAUSE_MS);
  }
  const answer =
    loopbackAnswers > 0
      ? `The app listens on 127.0.0.1:${web.port} alone, where no browser reaches it; it has to listen on 0.0.0.0.`
      : status === undefined
        ? `Nothing answers on port ${web.port}.`
        : `${web.healthPath} on port ${web.port} answers ${status}.`;
  const log = await lastWords(agent, web.service);
  return {
    status: 'failed',
    ...(status !== undefined && { http_status: status }),
    url,
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

/** The end of a service's log, as far as its agent tells within a moment. */
async function lastWords(agent: AgentClient, name: string): Promise<string> {
  const signal = AbortSignal.timeout(LOG_MS);
  let text = '';
  try {
    for await (const frame of agent.serviceLogs(name, {
      tail: LOG_LINES,
      signal,
    }))
      text = (text + frame.text).slice(-LOG_CHARS);
  } catch (error) {
    if (!signal.aborted && !(error instanceof AgentError)) throw error;
  }
  return text.trim();
}
