/** What a terminal says of itself. */
export type ServerMessage =
  | { readonly type: 'waiting' }
  | {
      readonly type: 'ready';
      readonly terminal: string;
      readonly offset: number;
    }
  | { readonly type: 'exit'; readonly exitCode: number }
  | { readonly type: 'taken_over' }
  | { readonly type: 'error'; readonly message: string };

/** Reads a frame of text; undefined for what means nothing here. */
export function serverMessage(text: string): ServerMessage | undefined {
  const said: unknown = JSON.parse(text);
  if (typeof said !== 'object' || said === null || !('type' in said))
    return undefined;
  switch (said.type) {
    case 'waiting':
    case 'taken_over':
      return { type: said.type };
    case 'ready':
      return 'terminal' in said &&
        typeof said.terminal === 'string' &&
        'offset' in said &&
        typeof said.offset === 'number'
        ? { type: 'ready', terminal: said.terminal, offset: said.offset }
        : undefined;
    case 'exit':
      return 'exit_code' in said && typeof said.exit_code === 'number'
        ? { type: 'exit', exitCode: said.exit_code }
        : undefined;
    case 'error':
      return 'message' in said && typeof said.message === 'string'
        ? { type: 'error', message: said.message }
        : undefined;
    default:
      return undefined;
  }
}
