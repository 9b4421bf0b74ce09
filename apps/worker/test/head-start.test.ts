import fs from 'node:fs';
import path from 'node:path';
import type { AgentClient } from '@sandboxed/agent';
import { runDir, sandboxIdSchema, workspaceDir } from '@sandboxed/domain';
import { until } from '../../../libs/agent/test/drive.ts';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import { headStartPipe } from '../../../libs/agent/src/head-start.ts';
import { startApp } from '../src/app-services.ts';
import { layHeadStart } from '../src/lay-head-start.ts';

afterEach(disposeAgents);

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const READY = { timeoutMs: 10_000 };
const MANIFEST = 'version: 1\nweb:\n  command: exec sleep 300\n  port: 3999\n';

/** Of its one service, once that runs. */
const pidOf = async (client: AgentClient) =>
  (
    await until(
      () => client.services(),
      ([first]) => first?.pid !== undefined,
    )
  )[0]?.pid;

it.each(['page', null])(
  'an app that is woken is begun once, and runs on as it is handed over: template %j',
  async (template) => {
    const agent = await startTestAgent((directory) => {
      const page = path.join(directory, 'templates/page');
      fs.mkdirSync(page, { recursive: true });
      fs.writeFileSync(path.join(page, 'sandbox.yaml'), MANIFEST);
    });
    const { directory, app } = agent;
    if (template === null)
      fs.writeFileSync(path.join(app, 'sandbox.yaml'), MANIFEST);
    const dataDir = path.join(directory, 'data');
    const run = path.join(directory, 'run');
    for (const [at, to] of [
      [workspaceDir(dataDir, ID), path.join(directory, 'home')],
      [runDir(dataDir, ID), run],
    ] as const) {
      fs.mkdirSync(path.dirname(at), { recursive: true });
      fs.symlinkSync(to, at);
    }
    const depsOf = (client: AgentClient) => ({
      store: {
        services: { list: () => [] },
        sandboxes: { env: () => ({ A: '1' }) },
      },
      agents: { client: () => client },
      host: { dataDir },
    });
    const sandbox = { id: ID, template };
    const start = async (client: AgentClient) =>
      startApp(depsOf(client), sandbox, await client.waitReady(READY));
    await start(agent.client);
    await pidOf(agent.client);
    await until(
      () => fs.existsSync(headStartPipe(run)),
      (isThere) => isThere,
    );
    await agent.end('SIGTERM');

    using _laid = layHeadStart(depsOf(agent.client), sandbox);
    const woken = await agent.again();
    const pid = await pidOf(woken.client);
    await start(woken.client);
    expect(await pidOf(woken.client)).toBe(pid);
  },
);
