import type { SandboxedEvent, TaskResult } from '@sandboxed/sdk';
import { lasting } from './ago.ts';
import type { Output } from './output.ts';
import { printable, printableLines } from './printable.ts';
import type { Spinner } from './spinner.ts';

const PHASES: Readonly<Record<string, string>> = {
  starting: 'Waking the sandbox',
  checkpoint: 'Keeping a checkpoint',
  agent_running: 'At work',
  build_check: 'Building',
  health_check: 'Opening the app',
};
const CHANGES = { added: '+', modified: '~', deleted: '-' } as const;

/** Shows what an agent does, as it does it. */
export class TaskView {
  readonly #output: Output;
  readonly #spinner: Spinner;
  readonly #paint: (
    style: 'dim' | 'red' | 'cyan' | 'yellow',
    text: string,
  ) => string;

  constructor(output: Output, spinner: Spinner) {
    this.#output = output;
    this.#spinner = spinner;
    this.#paint = (style, text) => output.styled(style, text);
  }

  async show(event: SandboxedEvent): Promise<void> {
    if (event.type === 'status' && event.data.phase !== undefined) {
      const text = PHASES[event.data.phase] ?? event.data.phase;
      this.#spinner.say(text);
      // Where no spinner turns, the log says it.
      if (!this.#output.isTerminal) this.#output.note(text);
    }
    if (event.type === 'tool' && event.data.status === 'running')
      this.#spinner.say(toolOf(event.data));
    const text = this.#lineOf(event);
    if (text !== undefined)
      await this.#spinner.above(() => this.#output.line(text));
  }

  /** How it ended, and what came of it. */
  async summary(result: TaskResult): Promise<void> {
    const { filesChanged, filesTruncated, tokens, costUsd, preview } = result;
    const status =
      result.status === 'succeeded'
        ? this.#output.styled('green', result.status)
        : this.#output.styled('red', result.status);
    const facts = [
      `${filesChanged.length}${filesTruncated === true ? ' or more' : ''} files changed`,
      `${tokens.total} tokens`,
      ...(costUsd === undefined ? [] : [`$${costUsd.toFixed(2)}`]),
    ];
    await this.#output.line(
      `${status} after ${lasting(result.durationMs / 1_000)}: ${facts.join(', ')}`,
    );
    if (preview.url !== undefined && preview.status !== 'none')
      await this.#output.line(`${preview.url} (${preview.status})`);
  }

  #lineOf(event: SandboxedEvent): string | undefined {
    const paint = this.#paint;
    switch (event.type) {
      case 'message': {
        const text = printableLines(event.data.text).trim();
        if (text === '') return undefined;
        return event.data.role === 'agent_error' ? paint('red', text) : text;
      }
      case 'tool':
        if (event.data.status === 'running') return undefined;
        return event.data.status === 'completed'
          ? paint('dim', `✓ ${toolOf(event.data)}`)
          : paint('red', `✗ ${toolOf(event.data)}`);
      case 'file':
        return paint(
          'cyan',
          `${CHANGES[event.data.change]} ${printable(event.data.path)}`,
        );
      case 'build':
        if (event.data.status === 'running') return undefined;
        return paint(
          event.data.status === 'failed' ? 'red' : 'dim',
          `build ${event.data.status}${event.data.message === undefined ? '' : `: ${printableLines(event.data.message).trim()}`}`,
        );
      case 'raw':
        return paint('dim', printableLines(event.data.text).trim());
      case 'trimmed':
        return paint('yellow', printable(event.data.message));
      case 'status':
      case 'usage':
      case 'done':
      // What a sandbox or a command tells: a task does not.
      case 'state':
      case 'job':
      case 'finding':
      case 'disk':
      case 'stdout':
      case 'stderr':
        return undefined;
    }
  }
}

function toolOf({
  name,
  title,
  path,
}: {
  readonly name: string;
  readonly title?: string;
  readonly path?: string;
}): string {
  return printable([name, title ?? path ?? ''].join(' ').trim());
}
