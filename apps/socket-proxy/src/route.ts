import { z } from 'zod';
import type { Asked, Plan, Policy } from './call.ts';
import { Refusal } from './call.ts';

/** A name or id of a container as it stands in an address. */
const REF = '[A-Za-z0-9][A-Za-z0-9_.-]{0,127}';

/** One rule: answers undefined for a call that is another rule's. */
export type Route = (asked: Asked) => Plan | undefined;

/** What a rule decides on. `ref` is the container or network that the address names, or empty. */
export interface Matched<Q> {
  readonly ref: string;
  readonly query: Q;
  readonly body: unknown;
}

/**
 * A rule for one method and address, in which `:ref` stands for a name or id. A call whose parameters `query` does not allow is
 * refused.
 */
export function route<Q>(
  method: string,
  path: string,
  query: z.ZodType<Q>,
  plan: (matched: Matched<Q>) => Plan,
): Route {
  const pattern = new RegExp(`^${path.replace(':ref', `(?<ref>${REF})`)}$`);
  return (asked) => {
    const match = asked.method === method ? pattern.exec(asked.path) : null;
    if (match === null) return undefined;
    const what = `${method} ${path}`;
    return plan({
      ref: match.groups?.['ref'] ?? '',
      query: parse(`the parameters of ${what}`, query, asked.query),
      body: asked.body,
    });
  };
}

/** The first rule that knows the call; a call that none knows is refused. */
export function policyOf(who: string, routes: readonly Route[]): Policy {
  return (asked) => {
    for (const rule of routes) {
      const plan = rule(asked);
      if (plan !== undefined) return plan;
    }
    throw new Refusal(`This call is not one that ${who} makes.`);
  };
}

/** Parses a value of a client; `what` completes "… are not allowed". Throws {@link Refusal} with places and reasons, never values. */
export function parse<T>(
  what: string,
  schema: z.ZodType<T>,
  value: unknown,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'top'}: ${message}`);
  throw new Refusal(`Refused by ${what}: ${reasons.join('; ')}`);
}

/** For calls that take no parameters. */
export const noQuery = z.strictObject({});
