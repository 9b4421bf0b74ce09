import type { ServiceState } from '@sandboxed/agent';
import type { DeclaredService } from '@sandboxed/domain';
import { servicesView } from './service-view.ts';

const running = { state: 'running' } as const;
const declare = (name: string): DeclaredService => ({
  name,
  spec: { command: `run ${name}`, port: 3000, env: { TOKEN: 'secret' } },
});
const live = (name: string, source?: string): ServiceState => ({
  name,
  command: 'live',
  status: 'running',
  restarts: 0,
  ...(source !== undefined && { source }),
});
const facts = (manifest: string) => ({
  present: ['sandbox.yaml'],
  texts: { 'sandbox.yaml': manifest },
});
const NOTHING = { present: [], texts: {} };

describe('the services of a sandbox', () => {
  it('are the declared ones while it sleeps', () => {
    const view = servicesView(
      { state: 'stopped' },
      [declare('web')],
      undefined,
    );
    expect(view).toEqual({
      items: [
        {
          name: 'web',
          source: 'declared',
          command: 'run web',
          port: 3000,
          env_names: ['TOKEN'],
          status: 'stopped',
        },
      ],
    });
  });

  it('hold no value of an environment', () => {
    const told = { services: [live('web')], facts: NOTHING };
    const view = servicesView(running, [declare('web')], told);
    expect(JSON.stringify(view)).not.toContain('secret');
  });

  it('are those of the manifest and of detection, too, in the order of their names', () => {
    const told = {
      services: [
        live('web', 'detected'),
        live('b', 'manifest'),
        live('a', 'declared'),
      ],
      facts: NOTHING,
    };
    const { items } = servicesView(running, [declare('a')], told);
    expect(items.map(({ name, source }) => [name, source])).toEqual([
      ['a', 'declared'],
      ['b', 'manifest'],
      ['web', 'detected'],
    ]);
  });

  it('show what the manifest overrides', () => {
    const told = {
      services: [live('web', 'manifest')],
      facts: facts('version: 1\nweb: {command: a}'),
    };
    const { items } = servicesView(
      running,
      [declare('web'), declare('api')],
      told,
    );
    expect(
      items.map(({ name, source, status }) => [name, source, status]),
    ).toEqual([
      ['api', 'declared', 'overridden'],
      ['web', 'manifest', 'running'],
    ]);
  });

  it('come with what is wrong with the manifest', () => {
    const told = { services: [], facts: facts('version: 1\nwbe: 1') };
    expect(servicesView(running, [], told).problem).toBe(
      'sandbox.yaml line 2: wbe is not a known key',
    );
  });
});
