import fc from 'fast-check';
import { DomainError } from './errors.ts';
import type { SandboxState } from './sandbox.ts';
import {
  SANDBOX_EVENTS,
  SANDBOX_STATES,
  transition,
  TRANSITIONS,
} from './sandbox.ts';

const TRANSIENT = ['creating', 'starting', 'stopping', 'deleting'] as const;

function reachable(from: SandboxState): Set<SandboxState> {
  const seen = new Set<SandboxState>([from]);
  for (const state of seen)
    for (const next of Object.values(TRANSITIONS[state])) seen.add(next);
  return seen;
}

describe('the life cycle', () => {
  it.each(SANDBOX_STATES)('leads from %s to a tombstone', (state) => {
    expect(reachable(state)).toContain('deleted');
  });

  it.each(TRANSIENT)(
    'lets %s fail, so that no crash is a dead end',
    (state) => {
      expect(transition(state, 'fail')).toBe('error');
    },
  );

  it.each([...TRANSIENT, 'running'] as const)(
    'lets %s come out of a backup as stopped',
    (state) => {
      expect(transition(state, 'restored')).toBe('stopped');
    },
  );

  it('lets an errored sandbox start again or be deleted', () => {
    expect(transition('error', 'start')).toBe('starting');
    expect(transition('error', 'delete')).toBe('deleting');
  });

  it('uses every event somewhere', () => {
    const used = new Set(
      SANDBOX_STATES.flatMap((state) => Object.keys(TRANSITIONS[state])),
    );
    expect([...used].sort()).toEqual([...SANDBOX_EVENTS].sort());
  });

  it('is either in the table or refused as illegal_transition', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SANDBOX_STATES),
        fc.array(fc.constantFrom(...SANDBOX_EVENTS), { maxLength: 30 }),
        (start, events) => {
          let state: SandboxState = start;
          for (const event of events) {
            const allowed = TRANSITIONS[state][event];
            if (allowed === undefined)
              expect(() => transition(state, event)).toThrow(DomainError);
            else state = transition(state, event);
          }
          expect(SANDBOX_STATES).toContain(state);
        },
      ),
    );
  });
});
