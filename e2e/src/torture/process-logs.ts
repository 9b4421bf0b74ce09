import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { OwnStack } from '../own-stack/own-stack.ts';

const PIECE_BYTES = 4 * 1024 * 1024;
const lineSchema = z.looseObject({ level: z.string(), msg: z.string() });

/** Reads what the processes of a stack log, each line once. */
export interface ProcessLogs {
  /** What was logged since the last call and must never be. */
  violations(): Promise<readonly string[]>;
  /** How often each error was logged. */
  readonly errors: ReadonlyMap<string, number>;
}

export function createProcessLogs(stack: OwnStack): ProcessLogs {
  const offsets = new Map<string, number>();
  const errors = new Map<string, number>();
  let exits = 0;

  async function newLines(name: string): Promise<readonly string[]> {
    const file = await open(logFile(stack, name), 'r');
    try {
      const at = offsets.get(name) ?? 0;
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(PIECE_BYTES),
        0,
        PIECE_BYTES,
        at,
      );
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      offsets.set(name, at + end);
      return buffer.subarray(0, end).toString().split('\n');
    } finally {
      await file.close();
    }
  }

  function judge(name: string, line: string): string[] {
    const { data } = lineSchema.safeParse(parse(line));
    if (data === undefined)
      return /^\S*Error\b|Uncaught|panic/.test(line)
        ? [`${name} wrote ${line.slice(0, 300)}`]
        : [];
    if (data.level === 'error' || data.level === 'fatal') {
      const key = `${name.replace(/-\d+$/, '')}: ${data.msg}`;
      errors.set(key, (errors.get(key) ?? 0) + 1);
    }
    return data.level === 'fatal'
      ? [`${name} logged ${line.slice(0, 1_500)}`]
      : [];
  }

  return {
    errors,
    async violations() {
      const found: string[] = [];
      for (const name of stack.children.keys()) {
        if (name === 'redis') continue;
        for (const line of await newLines(name))
          if (line !== '') found.push(...judge(name, line));
      }
      for (const exit of stack.exits.slice(exits))
        if (exit.signal === null && exit.name !== 'redis')
          found.push(
            `${exit.name} (${exit.pid}) ended by itself with code ${String(exit.code)}`,
          );
      exits = stack.exits.length;
      return found;
    },
  };
}

/** Where a process of a stack writes. */
export function logFile({ dataDir }: OwnStack, name: string): string {
  return join(dirname(dataDir), `${name}.log`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
