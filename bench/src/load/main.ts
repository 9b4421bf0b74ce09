import { loadavg } from 'node:os';
import { api } from './api.ts';
import { cost } from './cost.ts';
import { creates } from './creates.ts';
import type { Findings } from './finding.ts';
import type { Options, ScenarioName } from './options.ts';
import { HELP, readOptions } from './options.ts';
import { writeReport } from './report.ts';
import { scale } from './scale.ts';
import { streams } from './streams.ts';
import type { Target } from './target.ts';
import { openTarget } from './target.ts';
import { wakes } from './wakes.ts';

type Scenario = (target: Target, options: Options) => Promise<Findings>;

const ON_A_STACK: Record<Exclude<ScenarioName, 'scale'>, Scenario> = {
  api,
  streams,
  creates,
  wakes,
  cost,
};

async function run(options: Options): Promise<Findings> {
  if (options.scenario === 'scale') return scale(options);
  const scenario = ON_A_STACK[options.scenario];
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
