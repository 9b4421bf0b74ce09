import { LABEL_INSTANCE, LABEL_MANAGED } from '@sandboxed/domain';
import { z } from 'zod';
import { Refusal } from './call.ts';

const word = z.string().regex(/^[A-Za-z0-9_.:=/-]{1,200}$/);
/** Clients write the values of a filter as a list, or as an object whose keys count. */
const values = z.union([
  z.array(word).max(20),
  z.record(word, z.literal(true)).transform((set) => Object.keys(set)),
]);

const filtersSchema = z.strictObject({
  type: z
    .union([
      z.tuple([z.literal('container')]),
      z
        .strictObject({ container: z.literal(true) })
        .transform(() => ['container']),
    ])
    .optional(),
  event: values.optional(),
  label: values.optional(),
});

/** The `filters` parameter of lists and events. */
export const filtersParameter = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(filtersSchema);
export type Filters = z.output<typeof filtersSchema>;

/** Labels that everything of an installation carries. */
function ownLabels(instance: string): readonly string[] {
  return [`${LABEL_MANAGED}=true`, `${LABEL_INSTANCE}=${instance}`];
}

/** A filter that shows what is ours alone, whatever else the client filters by. */
export function onlyOurs(
  instance: string,
  { label = [], ...rest }: Filters,
): string {
  return JSON.stringify({
    ...rest,
    label: [...new Set([...ownLabels(instance), ...label])],
  });
}

/** A filter by one name out of `names`. Throws {@link Refusal} for any other. */
export function byName(text: string, names: readonly string[]): string {
  const found = names.find((name) => text === JSON.stringify({ name: [name] }));
  if (found === undefined)
    throw new Refusal(
      'Networks are listed by the name of a sandbox network alone.',
    );
  return JSON.stringify({ name: [found] });
}
