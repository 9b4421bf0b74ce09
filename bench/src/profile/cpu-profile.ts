import { z } from 'zod';

/** What V8 writes: a tree of functions, and which of them was on top at each sample. Times in microseconds. */
export const cpuProfileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        /** From 0; -1 where there is none. */
        lineNumber: z.number(),
      }),
      children: z.array(z.number()).optional(),
    }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.output<typeof cpuProfileSchema>;
export type CallFrame = CpuProfile['nodes'][number]['callFrame'];

/** Time of one function, file or package. Milliseconds. */
export interface Cost {
  readonly name: string;
  /** While it was on top. */
  readonly selfMs: number;
  /** While it was anywhere on the stack. */
  readonly totalMs: number;
}

/** Neither work of the process nor a name anybody can act on. */
const NOT_WORK = new Set(['(root)', '(program)', '(idle)']);

/**
 * Costs under the names that `nameOf` gives (it is told the nearest caller that is JavaScript, too), greatest self time first. A name that is on a stack twice counts once there, so that
 * recursion is not counted again and again.
 */
export function costs(
  profile: CpuProfile,
  nameOf: (frame: CallFrame, caller: CallFrame | undefined) => string,
): readonly Cost[] {
  const selfUs = new Map<number, number>();
  for (const [index, id] of profile.samples.entries())
    selfUs.set(
      id,
      (selfUs.get(id) ?? 0) + Math.max(0, profile.timeDeltas[index] ?? 0),
    );
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children } of profile.nodes)
    for (const child of children ?? []) parents.set(child, id);

  const callerOf = (id: number): CallFrame | undefined => {
    for (let at = parents.get(id); at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)?.callFrame;
      if (frame !== undefined && frame.url !== '') return frame;
    }
    return undefined;
  };

  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, us: number): void => {
    to.set(name, (to.get(name) ?? 0) + us);
  };
  for (const [id, us] of selfUs) {
    const seen = new Set<string>();
    for (
      let at: number | undefined = id;
      at !== undefined;
      at = parents.get(at)
    ) {
      const node = nodes.get(at);
      if (node === undefined || NOT_WORK.has(node.callFrame.functionName))
        continue;
      const name = nameOf(node.callFrame, callerOf(at));
      if (at === id) add(self, name, us);
      if (!seen.has(name)) add(total, name, us);
      seen.add(name);
    }
  }
  return [...total]
    .map(([name, us]) => ({
      name,
      selfMs: (self.get(name) ?? 0) / 1_000,
      totalMs: us / 1_000,
    }))
    .toSorted((a, b) => b.selfMs - a.selfMs);
}

/** How much of the time the process worked, from 0 to 1. */
export function busyShare(profile: CpuProfile): number {
  const idle = new Set(
    profile.nodes
      .filter(({ callFrame }) => callFrame.functionName === '(idle)')
      .map(({ id }) => id),
  );
  let idleUs = 0;
  let allUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const us = Math.max(0, profile.timeDeltas[index] ?? 0);
    allUs += us;
    if (idle.has(id)) idleUs += us;
  }
  return allUs === 0 ? 0 : 1 - idleUs / allUs;
}
