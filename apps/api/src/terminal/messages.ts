import { z } from 'zod';

const side = z.coerce.number().int().min(1).max(1_000);

/** Characters in a line, and lines. */
export const sizeSchema = z.object({ cols: side, rows: side });

/** What a client says in frames of text; frames of bytes are typed. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  sizeSchema.extend({ type: z.literal('resize') }),
  z.object({ type: z.literal('ping') }),
]);

/** What a client is told in frames of text; frames of bytes are what the terminal shows. */
export type ServerMessage =
  /** The sandbox is started first, by this job. */
  | { readonly type: 'waiting'; readonly job_id: string }
  /** From now on what is typed arrives. `offset` is that of the next byte that is shown. */
  | {
      readonly type: 'ready';
      readonly terminal: string;
      readonly offset: number;
    }
  | { readonly type: 'pong' }
  | { readonly type: 'exit'; readonly exit_code: number }
  /** Another connection shows this terminal now. */
  | { readonly type: 'taken_over' }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    };
