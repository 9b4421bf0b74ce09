/** What clients were told, by which the end of a test is judged. Whoever calls the API adds to it. */
export interface ToldRecord {
  /** Every job whose id a client has seen. */
  readonly jobs: Map<
    string,
    { readonly kind: string; readonly sandboxId: string }
  >;
  /** Ends of jobs that a client was told of. */
  readonly answers: Map<
    string,
    { readonly status: string; readonly result?: unknown }
  >;
  /** What each reader of a job's events got, in the order it came; `ended` when the last was `done`. */
  readonly streams: {
    readonly jobId: string;
    readonly after: number;
    readonly seqs: readonly number[];
    readonly ended: boolean;
  }[];
  /** The last word on each sandbox: what a client was told of the last create or removal that it waited for. */
  readonly sandboxes: Map<string, 'created' | 'deleted' | 'purged'>;
  /** Commands that append a line with their own mark to a file of the app directory. */
  readonly marks: {
    readonly mark: string;
    readonly file: string;
    readonly sandboxId: string;
    /** Undefined where the client never got an answer. */
    readonly jobId: string | undefined;
  }[];
  /** Contents of files that a PUT acknowledged, by sandbox id and path in the app directory with a slash between. */
  readonly files: Map<string, string>;
}

export function createTold(): ToldRecord {
  return {
    jobs: new Map(),
    answers: new Map(),
    streams: [],
    sandboxes: new Map(),
    marks: [],
    files: new Map(),
  };
}
