import { loadavg } from 'node:os';
import type { Findings } from './finding.ts';
import type { Options, ScenarioName } from './options.ts';
import { HELP, readOptions } from './options.ts';
import { writeReport } from './report.ts';
import { streams } from './streams.ts';
import type { Target } from './target.ts';
import { openTarget } from './target.ts';

type Scenario = (target: Target, options: Options) => Promise<Findings>;

const ON_A_STACK: Partial<Record<ScenarioName, Scenario>> = {
  streams,
};

async function run(options: Options): Promise<Findings> {
  const scenario = ON_A_STACK[options.scenario];
  if (scenario === undefined) throw new Error('no such scenario');
  const target = await openTarget(options);
  try {
    return await scenario(target, options);
  } finally {
    await target.close();
  }
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.log(HELP);
else {
  const before = loadavg();
  const findings = await run(options);
  console.log(await writeReport(options, findings, before));
  if (findings.lines.some(({ isMet }) => isMet === false)) process.exitCode = 1;
}
