import { z } from 'zod';
import { COMPONENTS } from './components.ts';

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 takes it. */
type JsonSchema = Readonly<Record<string, unknown>>;

const objectSchema = z.record(z.string(), z.unknown());
const wrappedSchema = z.object({
  properties: z.object({ it: objectSchema }),
  $defs: z.record(z.string(), objectSchema).default({}),
});

/** Turns zod schemas into JSON Schemas and collects the named ones among them. */
export interface Schemas {
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** Those of {@link COMPONENTS} that were used, by name. */
  used(): Readonly<Record<string, JsonSchema>>;
}

export function createSchemas(): Schemas {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS))
    names.add(schema, { id });
  const used = new Map<string, JsonSchema>();
  return {
    of(schema, io) {
      // Within an object, so that a schema that has a name is referred to by it.
      const whole = z.toJSONSchema(z.object({ it: schema }), {
        io,
        metadata: names,
        unrepresentable: 'any',
        override: ({ zodSchema, jsonSchema }) => {
          const { description } = z.globalRegistry.get(zodSchema) ?? {};
          if (description !== undefined) jsonSchema.description = description;
        },
      });
      const { properties, $defs } = wrappedSchema.parse(whole);
      for (const [name, { id: _id, ...found }] of Object.entries($defs)) {
        const component = objectSchema.parse(referring(found));
        const known = used.get(name);
        if (
          known !== undefined &&
          JSON.stringify(known) !== JSON.stringify(component)
        )
          throw new Error(`${name} differs as what is sent and as what comes`);
        used.set(name, component);
      }
      return objectSchema.parse(referring(properties.it));
    },
    used: () =>
      Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The same with references as the document has them. */
function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : referring(inner),
    ]),
  );
}
