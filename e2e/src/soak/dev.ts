import { startOwnStack } from '../own-stack/own-stack.ts';
import { prepareSoak } from './soak.ts';
const n = Number(process.argv[2] ?? 1000), rounds = Number(process.argv[3] ?? 3);
const stack = await startOwnStack({ env: { SANDBOXED_HISTORY_MAX_MB: '8', SANDBOXED_LOG_LEVEL: 'warn' } });
try {
  const soak = await prepareSoak(stack, 1);
  const all: any[] = [];
  for (let r = 0; r < rounds; r++) {
    let t = performance.now();
    await soak.round(n);
    console.log('round', r, Math.round(performance.now() - t), 'ms');
    await stack.shiftClock(90_000 * (r + 1));
    t = performance.now();
    all.push(await soak.measure());
    console.log('measured', Math.round(performance.now() - t));
  }
  for (const k of Object.keys(all[0])) console.log(k.padEnd(32), all.map((f) => String(f[k]).padStart(10)).join(''));
  for (const c of stack.children.keys()) console.log('---', c, await stack.log(c, 8));
  console.log(stack.exits);
} catch (e) { console.error(e); for (const c of stack.children.keys()) console.log('---', c, await stack.log(c, 8)); } finally { await stack.close(); }
