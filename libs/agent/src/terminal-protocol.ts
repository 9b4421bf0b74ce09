import * as z from 'zod';
import { AGENT_LIMITS } from './limits.ts';
import { environmentSchema, processIdSchema, textSchema } from './protocol.ts';

/*
 * `GET /v1/terminals` with `Upgrade: sandboxed-terminal` becomes a connection of frames both ways (frames.ts): bytes of the terminal,
 * and JSON about it. The first frame of the client says which terminal, the first of the agent is `opened` or `refused`.
 */

/** Where terminals are opened, and what the connection is upgraded to. */
export const TERMINAL_PATH = '/v1/terminals';
export const TERMINAL_UPGRADE = 'sandboxed-terminal';

const side = z.int().min(1).max(1_000);
const size = { cols: side, rows: side };
/** Characters in a line, and lines. */
export type TerminalSize = { readonly cols: number; readonly rows: number };

/** Which terminal: a new one, or one that is there, from an offset of its output on. */
export const terminalRequestSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    id: processIdSchema,
    ...size,
    /** Relative to the app directory unless absolute. */
    cwd: textSchema(4_096).min(1).optional(),
    /** A login shell unless given. */
    cmd: z.array(textSchema(131_072)).min(1).max(4_096).optional(),
    env: environmentSchema.optional(),
  }),
  z.object({
    type: z.literal('resume'),
    id: processIdSchema,
    ...size,
    after: z.int().min(0).default(0),
  }),
]);
/** See {@link terminalRequestSchema}. */
export type TerminalRequest = z.input<typeof terminalRequestSchema>;

/** What the client says later. `hang_up` ends the terminal; a connection that ends otherwise leaves it to be resumed. */
export const terminalOrderSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resize'), ...size }),
  z.object({ type: z.literal('hang_up') }),
]);

const endSchema = z.object({
  type: z.literal('exit'),
  /** 128 + n after signal n. */
  exit_code: z.int().min(0).max(255),
});
/** How a terminal's program ended. */
export type TerminalEnd = z.output<typeof endSchema>;

/** The agent's first frame; `offset` is that of the first byte which follows. */
export const terminalAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), offset: z.int().min(0) }),
  z.object({
    type: z.literal('refused'),
    code: z.string().max(100),
    message: z.string().max(4_000),
  }),
]);

/** The agent's last frame, after all output. */
export const terminalEndSchema = z.discriminatedUnion('type', [
  endSchema,
  /** Another connection resumed this terminal. */
  z.object({ type: z.literal('taken_over') }),
]);

/** Whether the bytes of a frame of this kind may be so many. */
export const FRAME_LIMITS = {
  control: AGENT_LIMITS.terminalControlBytes,
  data: AGENT_LIMITS.terminalDataBytes,
} as const;
