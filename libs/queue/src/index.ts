export { type Board, openBoard } from './board.ts';
export { createBus } from './bus.ts';
export { createConsumer } from './consumer.ts';
export { createProducer } from './producer.ts';
export { createSchedules } from './schedules.ts';
export { createTicker } from './ticker.ts';
export type { TickQueue } from './names.ts';
export type { Bus, Consumer, Producer, Schedules } from './ports.ts';
export type { OnError } from './report-errors.ts';
