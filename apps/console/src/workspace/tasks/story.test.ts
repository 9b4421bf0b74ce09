import type { SandboxedEvent } from '@sandboxed/sdk';
import type { Story } from './story.ts';
import { BEGINNING, tell } from './story.ts';

const at = '2026-11-28T09:30:00.000Z';
const told = (...events: readonly SandboxedEvent[]): Story =>
  events.reduce(tell, BEGINNING);
const said = (id: number, text: string): SandboxedEvent => ({
  ...{ type: 'message', id: String(id) },
  data: { role: 'agent', text, at },
});
const tool = (id: number, status: 'running' | 'completed'): SandboxedEvent => ({
  ...{ type: 'tool', id: String(id) },
  data: { id: 't1', name: 'write', status, path: 'index.html', at },
});

it('keeps one line of a tool, which says how far it is', () => {
  const { lines } = told(
    tool(1, 'running'),
    said(2, 'hm'),
    tool(3, 'completed'),
  );
  expect(lines).toEqual([
    {
      ...{ key: 'tool t1', kind: 'tool', state: 'completed' },
      text: 'write: index.html',
    },
    { key: '2', kind: 'said', text: 'hm' },
  ]);
});

it('forgets the oldest lines of a long story, and says how many', () => {
  const many = Array.from({ length: 450 }, (_, n) => said(n, `line ${n}`));
  const { lines, left } = told(...many);
  expect([lines.length, left]).toEqual([400, 50]);
  expect(lines[0]?.text).toBe('line 50');
});

it('cuts what is too long to be shown', () => {
  expect(told(said(1, 'x'.repeat(50_000))).lines[0]?.text).toHaveLength(20_000);
});

it('is over with its end, and with what is no longer kept', () => {
  const done: SandboxedEvent = {
    ...{ type: 'done', id: '9' },
    data: { status: 'succeeded', at },
  };
  const trimmed: SandboxedEvent = {
    ...{ type: 'trimmed', id: undefined },
    data: { message: 'gone' },
  };
  expect(told(said(1, 'x')).isOver).toBe(false);
  expect([told(done).isOver, told(trimmed).isOver]).toEqual([true, true]);
});
