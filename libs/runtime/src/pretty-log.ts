/** Makes lines of a log readable: a bundle of its own, loaded where somebody looks on. */
export { default as pretty } from 'pino-pretty';
