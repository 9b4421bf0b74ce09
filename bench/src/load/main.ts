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
  const stop = Promise.withResolvers<never>();
  const stopped = (signal: string): void => {
    stop.reject(new Error(`ended by ${signal}: nothing was reported`));
  };
  // A stack that is left behind would go on for ever. The second signal, sent to the whole group, is not to end the clean-up.
  process.on('SIGINT', stopped).on('SIGTERM', stopped);
  try {
    return await Promise.race([scenario(target, options), stop.promise]);
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
  // What a scenario that was broken off still waits for is not waited for.
  process.exit(findings.lines.some(({ isMet }) => isMet === false) ? 1 : 0);
}
