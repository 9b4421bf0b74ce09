/** What the API says of a terminal in frames of text. */
export type ServerMessage =
  | { readonly type: 'waiting'; readonly job_id: string }
  | {
      readonly type: 'ready';
      readonly terminal: string;
      /** Of the next byte that is shown. */
      readonly offset: number;
    }
  | { readonly type: 'pong' }
  | { readonly type: 'exit'; readonly exit_code: number }
  | { readonly type: 'taken_over' }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    };

/** Reads a frame of text. Undefined for what only a later version knows. */
export function serverMessage(text: string): ServerMessage | undefined {
  const said: unknown = JSON.parse(text);
  return isMessage(said) ? said : undefined;
}

/** Which fields come with each type, and as what. */
const FIELDS: Readonly<
  Record<ServerMessage['type'], Readonly<Record<string, string>>>
> = {
  waiting: { job_id: 'string' },
  ready: { terminal: 'string', offset: 'number' },
  pong: {},
  exit: { exit_code: 'number' },
  taken_over: {},
  error: { code: 'string', message: 'string', retryable: 'boolean' },
};

function isMessage(said: unknown): said is ServerMessage {
  if (typeof said !== 'object' || said === null) return false;
  const values: Readonly<Record<string, unknown>> = { ...said };
  const { type } = values;
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return false;
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> =
    FIELDS;
  return Object.entries(known[type] ?? {}).every(
    ([name, kind]) => typeof values[name] === kind,
  );
}
