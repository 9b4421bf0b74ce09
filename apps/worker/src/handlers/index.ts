import { execHandler } from '@sandboxed/jobs';
import type { JobHandlers } from '../context.ts';
import { createHandler } from './create.ts';
import { deleteHandler } from './delete.ts';
import { limitsHandler } from './limits.ts';
import { purgeHandler } from './purge.ts';
import { revertHandler } from './revert.ts';
import { serviceHandler } from './service.ts';
import { startHandler } from './start.ts';
import { stopHandler } from './stop.ts';
import { taskHandler } from './task.ts';

/** The handler of every kind of job. */
export const HANDLERS: JobHandlers = {
  create: createHandler,
  start: startHandler,
  stop: stopHandler,
  delete: deleteHandler,
  purge: purgeHandler,
  exec: execHandler,
  limits: limitsHandler,
  service: serviceHandler,
  task: taskHandler,
  revert: revertHandler,
};
