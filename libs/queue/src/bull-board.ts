/** The parts of bull-board that a board is made of: a bundle of its own, loaded when somebody opens one. */
export { createBullBoard } from '@bull-board/api';
export { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
export { ExpressAdapter } from '@bull-board/express';
