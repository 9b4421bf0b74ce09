import type { AgentBoot, AppFacts } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type { DeclaredService } from '@sandboxed/domain';
import { sandboxIdSchema } from '@sandboxed/domain';
import { applyApp, startApp } from './app-services.ts';

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const PAGE: AppFacts = { present: ['index.html'], texts: {} };
const EMPTY: AppFacts = { present: [], texts: {} };

const declare = (name: string): DeclaredService => ({
  name,
  spec: { command: name, env: {} },
});

/** A sandbox whose agent notes what it is told; `onBoot` happens while it is being told. */
function sandbox(
  options: {
    readonly app?: () => Promise<AppFacts>;
    readonly booted?: boolean;
    readonly onBoot?: (boot: AgentBoot, declared: DeclaredService[]) => void;
  } = {},
) {
  const declared: DeclaredService[] = [];
  const boots: AgentBoot[] = [];
  const agent = {
    app: options.app ?? (() => Promise.resolve(EMPTY)),
    boot(boot: AgentBoot) {
      boots.push(boot);
      options.onBoot?.(boot, declared);
      return Promise.resolve();
    },
    health: () =>
      Promise.resolve({
        protocol: 1,
        version: '0',
        pid: 1,
        started_at_ms: 0,
        booted: options.booted ?? false,
      }),
  };
  return {
    declared,
    boots,
    deps: {
      store: {
        services: { list: () => [...declared] },
        sandboxes: { env: () => ({ A: '1' }) },
      },
      agents: { client: () => agent },
    },
  };
}

const names = ({ services }: AgentBoot): string[] =>
  services.map(({ name }) => name);

describe('an app that is applied', () => {
  it('is handed over whole: environment, services and who says so', async () => {
    const { deps, boots } = sandbox({ app: () => Promise.resolve(PAGE) });
    const plan = await applyApp(deps, ID);
    expect(plan.web).toEqual({ service: 'web', port: 3000, healthPath: '/' });
    expect(boots).toEqual([
      {
        env: { A: '1' },
        services: [
          {
            name: 'web',
            source: 'detected',
            port: 3000,
            command: expect.stringContaining('http.server'),
          },
        ],
      },
    ]);
  });

  it('is what is declared alone when the agent is too old to tell', async () => {
    const { deps, boots, declared } = sandbox({
      app: () => Promise.reject(new AgentError('agent_not_found', 'no path')),
    });
    declared.push(declare('api'));
    await applyApp(deps, ID);
    expect(boots.map(names)).toEqual([['api']]);
  });

  it('fails when the agent does not answer', async () => {
    const { deps } = sandbox({
      app: () => Promise.reject(new AgentError('agent_unreachable', 'gone')),
    });
    await expect(applyApp(deps, ID)).rejects.toMatchObject({
      code: 'agent_unreachable',
    });
  });

  it('is handed over again when a service was declared meanwhile', async () => {
    const { deps, boots } = sandbox({
      onBoot(boot, declared) {
        if (boot.services.length === 0) declared.push(declare('late'));
      },
    });
    const plan = await applyApp(deps, ID);
    expect(boots.map(names)).toEqual([[], ['late']]);
    expect(plan.source).toBe('declared');
  });

  it('gives up when services change without end', async () => {
    const { deps } = sandbox({
      onBoot(_boot, declared) {
        declared.push(declare(`s${String(declared.length)}`));
      },
    });
    await expect(applyApp(deps, ID)).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('an app that is started', () => {
  it('gets its template before what it brings is looked at', async () => {
    let copied = false;
    const { deps, boots } = sandbox({
      app: () => Promise.resolve(copied ? PAGE : EMPTY),
      onBoot({ template }) {
        copied ||= template === 'static';
      },
    });
    await startApp(deps, { id: ID, template: 'static' });
    expect(boots.map(names)).toEqual([[], ['web']]);
    expect(boots[1]?.template).toBeUndefined();
  });

  it('is told of its template and of what it serves already at once, so that it runs on', async () => {
    const { deps, boots } = sandbox({ app: () => Promise.resolve(PAGE) });
    const said = { booted: false, app: PAGE };
    await startApp(deps, { id: ID, template: 'static' }, said);
    expect(boots.map(names)).toEqual([['web'], ['web']]);
    expect(boots[0]?.template).toBe('static');
  });

  it.each([null, 'blank'])('of no template is told once: %j', async (name) => {
    const { deps, boots } = sandbox();
    await startApp(deps, { id: ID, template: name });
    expect(boots).toHaveLength(1);
  });

  it('does not take the services away from an agent that runs them already', async () => {
    const { deps, boots } = sandbox({
      booted: true,
      app: () => Promise.resolve(PAGE),
    });
    await startApp(deps, { id: ID, template: 'static' });
    expect(boots.map(names)).toEqual([['web']]);
  });
});
