import { createClients } from '../src/faults/clients.ts';
import { crashLanes, taskLanes } from '../src/faults/crash-cases.ts';
import { runLanes } from '../src/faults/run-lanes.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack({ workers: 4 });
}, 60_000);
afterAll(() => stack.close(), 60_000);

it('ends every job as promised whose worker is killed between any two of its steps', async () => {
  const clients = createClients(stack);
  const lanes = [...crashLanes(clients), ...(await taskLanes(clients))];
  // Those that do not begin with a create.
  for (const lane of lanes)
    if (lane.id === '' && lane.cases[0]?.kind !== 'create')
      lane.id = await clients.create();
  expect(await runLanes(stack, lanes)).toEqual([]);
  expect(await clients.violations()).toEqual([]);
}, 400_000);
