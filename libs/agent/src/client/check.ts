import type * as z from 'zod';
import { AgentError } from '../errors.ts';

/** What an agent answered, once it is what it is to be. Throws `agent_protocol`. */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AgentError(
    'agent_protocol',
    `unexpected answer: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.slice(
      0,
      500,
    ),
  );
}
