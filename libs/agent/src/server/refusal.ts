/** A request that the agent says no to; becomes the answer's status and `{code, message}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** 404 for a thing of `kind` that is not known. */
export function unknown(kind: string, name: string): Refusal {
  return new Refusal(404, 'not_found', `no ${kind} ${name.slice(0, 100)}`);
}
