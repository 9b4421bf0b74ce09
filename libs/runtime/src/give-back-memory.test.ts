import { createMemoryGiver } from './give-back-memory.ts';

const MINUTE_MS = 60_000;

function giver() {
  const state = { cpuMs: 900, rssBytes: 100, collected: 0 };
  const made = createMemoryGiver({
    cpuMs: () => state.cpuMs,
    rssBytes: () => state.rssBytes,
    collect() {
      state.collected += 1;
      state.rssBytes = 100;
    },
  });
  made.look(5_000);
  return {
    state,
    look: () => {
      made.look(MINUTE_MS);
    },
  };
}

describe('giving memory back', () => {
  it('is done after the start, however much that took', () => {
    expect(giver().state.collected).toBe(1);
  });

  it('is done again once idle after growth', () => {
    const { state, look } = giver();
    state.rssBytes = 200;
    look();
    expect(state.collected).toBe(2);
  });

  it('waits while the process works', () => {
    const { state, look } = giver();
    state.rssBytes = 200;
    state.cpuMs += MINUTE_MS * 0.03;
    look();
    expect(state.collected).toBe(1);
    look();
    expect(state.collected).toBe(2);
  });

  it('is left alone while there is nothing to win', () => {
    const { state, look } = giver();
    state.rssBytes = 110;
    look();
    expect(state.collected).toBe(1);
  });
});
