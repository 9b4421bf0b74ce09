import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  createRequestSchema,
  execRequestSchema,
  keepaliveRequestSchema,
  serviceSpecSchema,
  taskRequestSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { connect } from './connect.ts';

/** The parts of a JSON Schema that bound what it takes. */
const boundsSchema = z.object({
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  enum: z.array(z.string()).optional(),
  get items() {
    return boundsSchema.optional();
  },
  get additionalProperties() {
    return boundsSchema.optional().catch(undefined);
  },
  get properties() {
    return z.record(z.string(), boundsSchema).optional();
  },
});

let client: Client;
beforeEach(async () => {
  client = await connect(() => Promise.reject(new Error('is not called')));
});
afterEach(() => client.close());

it.each([
  ['create_sandbox', createRequestSchema, {}],
  ['run_command', execRequestSchema, { command: 'shell' }],
  ['keep_awake', keepaliveRequestSchema, {}],
  ['start_service', serviceSpecSchema, {}],
  ['run_task', taskRequestSchema, { continue_session: 'continue' }],
])('%s takes as much as the API does', async (name, body, names) => {
  const { tools } = await client.listTools();
  const tool = tools.find((one) => one.name === name);
  const ofTool = boundsSchema.parse(tool?.inputSchema).properties ?? {};
  const ofApi =
    boundsSchema.parse(
      z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }),
    ).properties ?? {};
  const shared = Object.entries(ofTool).flatMap(([field, bounds]) => {
    const renamed = new Map(Object.entries(names)).get(field) ?? field;
    const theirs = ofApi[renamed];
    return theirs === undefined ? [] : [{ field, bounds, theirs }];
  });
  expect(shared.length).toBeGreaterThan(0);
  for (const { field, bounds, theirs } of shared)
    expect({ [field]: bounds }).toEqual({ [field]: theirs });
});
