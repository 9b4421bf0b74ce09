import type { SandboxId } from '@sandboxed/domain';
import type { TestAgent } from '../../../libs/agent/test/start-agent.ts';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import { createStillRuns } from '../src/direct/still-runs.ts';
import type { World } from './support.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(async () => {
  await cleanUp();
  await disposeAgents();
});

interface Place {
  readonly deps: World;
  readonly id: SandboxId;
  readonly agent: TestAgent;
  /** How often the agent was asked whether it is there. */
  readonly asked: () => number;
  readonly stillRuns: ReturnType<typeof createStillRuns>;
}

async function place(rowLateMs?: number): Promise<Place> {
  const deps = await world();
  const id = await running(deps, await listen(deps));
  const agent = await startTestAgent();
  let asked = 0;
  const client: TestAgent['client'] = {
    ...agent.client,
    health(call) {
      asked += 1;
      return agent.client.health(call);
    },
  };
  return {
    ...{ deps, id, agent },
    asked: () => asked,
    stillRuns: createStillRuns(
      { store: deps.store, agents: { client: () => client } },
      rowLateMs === undefined ? {} : { rowLateMs },
    ),
  };
}

const exited = ({ deps, id }: Place): void => {
  deps.store.sandboxes.transition(id, 'exited', {
    ...{ actor: 'test', reason: 'test', now: Date.now() },
  });
};

/** Resolves once the agent has been asked `times` in all. */
async function askedAgain({ asked }: Place, times: number): Promise<void> {
  while (asked() < times)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

it('is what the row says where the agent answers', async () => {
  const here = await place();
  expect(await here.stillRuns(here.id)).toBe(true);
  exited(here);
  expect(await here.stillRuns(here.id)).toBe(false);
});

it('waits for the row where the agent refuses: its container died before a worker saw it', async () => {
  const here = await place();
  await here.agent.end('SIGKILL');
  const answer = here.stillRuns(here.id);
  await askedAgain(here, 3);
  exited(here);
  expect(await answer).toBe(false);
});

it('waits once and not each time that it is asked, and no longer than a worker takes', async () => {
  const here = await place(500);
  await here.agent.end('SIGKILL');
  expect(await here.stillRuns(here.id)).toBe(true);
  const before = here.asked();
  expect(before).toBeGreaterThan(1);
  expect(await here.stillRuns(here.id)).toBe(true);
  expect(here.asked()).toBe(before + 1);
});

it('waits no longer than the command that wants to know', async () => {
  const here = await place();
  await here.agent.end('SIGKILL');
  const gone = new AbortController();
  const answer = here.stillRuns(here.id, gone.signal);
  await askedAgain(here, 1);
  gone.abort();
  expect(await answer).toBe(true);
});
