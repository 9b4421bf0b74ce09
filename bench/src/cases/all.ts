import type { Case } from '../case.ts';
import { accept } from './accept.ts';
import { burst } from './burst.ts';
import { coldCreate, warmCreate } from './create.ts';
import { exec } from './exec.ts';
import { idle } from './idle.ts';
import { interactive } from './interactive.ts';
import { preview } from './preview.ts';
import { stop } from './stop.ts';
import { wake } from './wake.ts';

/** In the order in which they are measured: first what an idle stack takes. */
export const CASES: readonly Case[] = [
  ...idle,
  ...[coldCreate, warmCreate, exec, preview, wake, stop, accept],
  ...[...interactive, burst],
];
