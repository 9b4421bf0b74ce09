import type { SandboxedEvent } from '@sandboxed/sdk';

/** A line of what a task tells. */
interface Line {
  /** Of the event that began it, or of the tool that it is about. */
  readonly key: string;
  readonly kind: 'phase' | 'said' | 'wrong' | 'tool' | 'file' | 'build' | 'raw';
  readonly text: string;
  /** How far what it tells of is, such as `running`. */
  readonly state?: string;
}

/** What a task has told so far. */
export interface Story {
  readonly lines: readonly Line[];
  /** Lines that were told before these, and are not kept. */
  readonly left: number;
  readonly tokens: number | undefined;
  readonly isOver: boolean;
}

export const BEGINNING: Story = {
  lines: [],
  left: 0,
  tokens: undefined,
  isOver: false,
};

/** A page with more is slow, and nobody reads it. */
const MOST_LINES = 400;
/** Of one line. Characters. */
const MOST_TEXT = 20_000;

/** The story with one event more. A tool's later events change its line. */
export function tell(story: Story, event: SandboxedEvent): Story {
  if (event.type === 'done' || event.type === 'trimmed')
    return { ...story, isOver: true };
  if (event.type === 'usage') return { ...story, tokens: event.data.total };
  const line = lineOf(event);
  if (line === undefined) return story;
  const short = { ...line, text: line.text.slice(0, MOST_TEXT) };
  const at = story.lines.findIndex(({ key }) => key === line.key);
  if (at >= 0)
    return {
      ...story,
      lines: story.lines.with(at, { ...story.lines[at], ...short }),
    };
  const lines = [...story.lines, short];
  const surplus = Math.max(lines.length - MOST_LINES, 0);
  return {
    ...story,
    lines: lines.slice(surplus),
    left: story.left + surplus,
  };
}

function lineOf(event: SandboxedEvent): Line | undefined {
  const key = event.id ?? '';
  switch (event.type) {
    case 'status': {
      const { phase, message, status } = event.data;
      const text = message ?? PHASES[phase ?? ''] ?? `The task is ${status}.`;
      return { key, kind: 'phase', text };
    }
    case 'message': {
      const { role, text } = event.data;
      return { key, kind: role === 'agent' ? 'said' : 'wrong', text };
    }
    case 'tool': {
      const { id, name, status, title, path } = event.data;
      const about = title ?? path;
      return {
        key: `tool ${id}`,
        kind: 'tool',
        text: about === undefined ? name : `${name}: ${about}`,
        state: status,
      };
    }
    case 'file':
      return {
        key,
        kind: 'file',
        text: event.data.path,
        state: event.data.change,
      };
    case 'build': {
      const { status, message } = event.data;
      return {
        key: 'build',
        kind: 'build',
        text: message === undefined ? 'Build' : `Build: ${message}`,
        state: status,
      };
    }
    case 'raw':
      return { key, kind: 'raw', text: event.data.text };
    case 'state':
    case 'job':
    case 'finding':
    case 'disk':
    case 'stdout':
    case 'stderr':
    case 'usage':
    case 'done':
    case 'trimmed':
      return undefined;
  }
}

const PHASES: Readonly<Record<string, string>> = {
  starting: 'The sandbox is made ready.',
  checkpoint: 'The files are kept as they are, to go back to.',
  agent_running: 'The agent is at work.',
  build_check: 'Does it build?',
  health_check: 'Does it answer?',
};
