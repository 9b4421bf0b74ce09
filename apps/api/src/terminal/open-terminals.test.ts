import { sandboxIdSchema } from '@sandboxed/domain';
import { ulid } from 'ulid';
import { createOpenTerminals } from './open-terminals.ts';

const sandbox = () => sandboxIdSchema.parse(ulid());

it('lets 32 into a sandbox, whoever they are, and one more when one has left', () => {
  const { enter } = createOpenTerminals();
  const id = sandbox();
  const [leave] = Array.from({ length: 32 }, (_, n) => enter(`t${n}`, id));
  expect(() => enter('ann', id)).toThrow('This sandbox has 32');
  enter('ann', sandbox());
  leave?.();
  enter('ann', id);
  expect(() => enter('ann', id)).toThrow('This sandbox has 32');
});

it('lets 64 of a tenant in, and others beside them', () => {
  const { enter } = createOpenTerminals();
  const [leave] = Array.from({ length: 64 }, () => enter('ann', sandbox()));
  expect(() => enter('ann', sandbox())).toThrow('You have 64');
  enter('ben', sandbox());
  leave?.();
  enter('ann', sandbox());
  expect(() => enter('ann', sandbox())).toThrow('You have 64');
});
