/** What a client asked, taken apart. Nothing of it is sent on as it came. */
export interface Asked {
  readonly method: string;
  /** `/v1.45`, or empty where the client named no version of the Engine's API. */
  readonly version: string;
  /** Without version and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

/** One call of the Engine, put together by a rule from values that it checked. */
export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Directories of the host that it makes the Engine mount, now or later. */
  readonly mounts?: readonly string[];
}

/** A container of ours, as the Engine tells of it. */
export interface OwnContainer {
  /** 64 hexadecimal digits: a name could belong to another container by the time it is used. */
  readonly dockerId: string;
  readonly sandboxId: string;
  /** Sources of its binds. */
  readonly mounts: readonly string[];
}

/**
 * What is done for a client. `container` and `network`: the Engine is asked first what `ref` is, and `call` is made only for one
 * that is ours. `inspect`: like a call, but of a container that is not ours no more is told than that it exists.
 */
export type Plan =
  | { readonly kind: 'send'; readonly call: EngineCall }
  | { readonly kind: 'inspect'; readonly ref: string }
  | {
      readonly kind: 'container';
      readonly ref: string;
      readonly call: (container: OwnContainer) => EngineCall;
    }
  | {
      readonly kind: 'network';
      readonly ref: string;
      readonly call: EngineCall;
    };

/** Decides what a client may have. Throws {@link Refusal}. */
export type Policy = (asked: Asked) => Plan;

/** Longest message that a client gets, in characters. */
const MAX_MESSAGE = 500;

/** A call that no rule lets through; `message` names the rule. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** HTTP status of the answer. */
  readonly status: number;

  constructor(message: string, status = 403) {
    super(message.slice(0, MAX_MESSAGE));
    this.status = status;
  }
}
