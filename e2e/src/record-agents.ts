/**
 * Records what the coding agents of the sandbox image print, as fixtures of libs/coding-agents:
 * `node e2e/src/record-agents.ts [agent [case]]` after a new version of one of them. Needs Docker and the built image, not the stack.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodingAgent } from '@sandboxed/coding-agents';
import { CODING_AGENTS, INSTRUCTIONS } from '@sandboxed/coding-agents';
import type { AgentSession } from '@sandboxed/domain';
import { AGENT_CASES, UNKNOWN_SESSION, USUAL_MODEL } from './agent-cases.ts';
import type { AgentCase } from './agent-cases.ts';
import { startScriptedSandbox } from './scripted-sandbox.ts';
import type { ScriptedSandbox } from './scripted-sandbox.ts';

const MOCK_URL = 'http://127.0.0.1:8080';
const RULES_FILE = '/home/sandbox/rules.md';
/** A program that neither ends nor says anything is ended after this long. */
const LIMIT_MS = 120_000;
const SUSPICIOUS_STEPS_MAX = 3;

/** Lines of a fixture: what was run, its output, how it ended. */
interface Recording {
  readonly lines: readonly unknown[];
  readonly session: AgentSession | undefined;
}

function environment(own: AgentCase['env'] = {}): Record<string, string> {
  const all: Record<string, string | undefined> = {
    ANTHROPIC_API_KEY: 'sk-scripted',
    ANTHROPIC_BASE_URL: MOCK_URL,
    OPENAI_API_KEY: 'sk-scripted',
    OPENAI_BASE_URL: MOCK_URL,
    ...own,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

async function record(
  sandbox: ScriptedSandbox,
  agent: CodingAgent,
  given: AgentCase,
  last: AgentSession | undefined,
): Promise<Recording> {
  const { name, prompt, model = USUAL_MODEL, interrupt } = given;
  const unknown = { id: UNKNOWN_SESSION[agent.name] };
  const session = { last, unknown, none: undefined }[given.session ?? 'none'];
  const invocation = agent.invoke({
    prompt,
    model: model[agent.name],
    session,
    env: environment(given.env),
    instructionsFile: RULES_FILE,
    instructions: INSTRUCTIONS,
  });
  const reader = agent.read(session);
  const lines: unknown[] = [];
  const started = performance.now();
  let ending = false;
  const exit = await sandbox.run(invocation, LIMIT_MS, (stream, text) => {
    lines.push({ [stream]: text });
    const tools = reader
      .push(stream, text)
      .filter(
        ({ type, data }) =>
          type === 'tool' && 'id' in data && data.status === 'completed',
      );
    const loops = reader.summary.suspiciousSteps >= SUSPICIOUS_STEPS_MAX;
    const interrupted = interrupt === true && tools.length > 0;
    const end = !ending && (loops || interrupted);
    ending ||= end;
    return end;
  });
  reader.end(exit);
  const { summary } = reader;
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  console.log(
    [
      agent.name.padEnd(12),
      name.padEnd(16),
      `exit ${exit.exitCode}`.padEnd(9),
      `${seconds} s`.padEnd(8),
      summary.completed ? 'completed' : (summary.failure?.reason ?? '-'),
      summary.failure?.permanent === true ? 'permanent' : '',
      summary.failure?.message.slice(0, 160) ?? summary.finalMessage ?? '',
    ].join(' '),
  );
  return {
    lines: [{ case: name, session }, ...lines, { ...exit, seconds }],
    session: summary.session,
  };
}

async function recordAgent(agent: CodingAgent, only?: string): Promise<void> {
  const sandbox = await startScriptedSandbox({
    [RULES_FILE]: INSTRUCTIONS,
  });
  try {
    const [program = ''] = agent.invoke({
      ...{ prompt: '', model: undefined, session: undefined, env: {} },
      ...{ instructionsFile: RULES_FILE, instructions: '' },
    }).argv;
    const printed = await sandbox.output([program, '--version']);
    const version = /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? 'unknown';
    const folder = join(
      import.meta.dirname,
      `../../libs/coding-agents/src/${agent.name}/fixtures`,
    );
    mkdirSync(folder, { recursive: true });
    let last: AgentSession | undefined;
    for (const given of AGENT_CASES) {
      const wanted = [given.name, 'write'].includes(only ?? given.name);
      if (!wanted) continue;
      const { lines, session } = await record(sandbox, agent, given, last);
      last = session;
      writeFileSync(
        join(folder, `${version}-${given.name}.ndjson`),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
    }
    const { withRules, without } = await sandbox.requestsWith(
      'You work in a disposable Linux sandbox',
    );
    console.log(
      `${agent.name} ${version}: ${withRules} requests had the rules of the place, ${without} with tools had not`,
    );
    console.log(await sandbox.output(['find', '.', '-mindepth', '1']));
  } finally {
    await sandbox.remove();
  }
}

const [name, only] = process.argv.slice(2);
for (const agent of Object.values(CODING_AGENTS))
  if ((name ?? agent.name) === agent.name) await recordAgent(agent, only);
