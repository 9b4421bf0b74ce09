import { containerSpec } from './container-spec.ts';
import { parseSandboxId } from './ids.ts';
import type { SandboxRecord } from './sandbox.ts';
import { DEFAULT_LIMITS, sandboxRecordSchema } from './sandbox.ts';

const host = {
  instance: 'test',
  dataDir: '/data',
  agentDir: '/data/agent/1',
  agentCommand: ['/opt/sandboxed/node', '/opt/sandboxed/agent.cjs'],
  runtime: 'runc',
  openNetwork: 'open',
  isolatedNetwork: 'isolated',
  baseEnv: {},
  edge: { previewDomain: 'localhost', entrypoint: 'web', tls: false },
};

function sandbox(overrides: Partial<SandboxRecord> = {}): SandboxRecord {
  return sandboxRecordSchema.parse({
    id: parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    tenant: 'open',
    name: null,
    state: 'creating',
    state_reason: '',
    state_actor: 'test',
    error_code: null,
    error_message: null,
    image: 'image',
    template: null,
    ports: [3000],
    env_names: ['SECRET'],
    labels: {},
    limits: DEFAULT_LIMITS,
    idle_policy: 'sleep',
    idle_timeout_seconds: 60,
    visibility: 'public',
    preview_generation: 0,
    wake: 'on_request',
    egress: 'open',
    external: {},
    generation: 3,
    version: 1,
    has_workspace: true,
    reserved_mb: 0,
    created_at: 0,
    updated_at: 0,
    last_active_at: 0,
    keepalive_until: null,
    stopped_at: null,
    ...overrides,
  });
}

describe('the container of a sandbox', () => {
  it('carries the managed label and its generation also without ports', () => {
    const { labels } = containerSpec(sandbox({ ports: [] }), host, '10.0.0.2');
    expect(labels).toEqual({
      'sandboxed.managed': 'true',
      'sandboxed.instance': 'test',
      'sandboxed.id': '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'sandboxed.generation': '3',
    });
  });

  it('never holds the environment of its user', () => {
    expect(
      JSON.stringify(containerSpec(sandbox(), host, '10.0.0.2')),
    ).not.toContain('SECRET');
  });

  it('goes on the network without a way out when egress is none', () => {
    expect(
      containerSpec(sandbox({ egress: 'none' }), host, '10.0.0.2').network,
    ).toBe('isolated');
  });
});
