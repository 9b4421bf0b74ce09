import { SandboxedError } from '@sandboxed/sdk';
import { adviceFor } from './advice.ts';
import { EXIT } from './exit-code.ts';
import { printable } from './printable.ts';
import { Problem } from './problem.ts';

/** An error as it is told: what happened, what to do, and what the program ends with. */
export interface Report {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
  readonly exitCode: number;
  readonly requestId?: string;
}

/** What to tell of an error. */
export function reportOf(error: unknown): Report {
  if (error instanceof Problem) {
    const { code, message, advice, exitCode } = error;
    return { code, message, advice, exitCode };
  }
  if (error instanceof SandboxedError) {
    const { code, requestId } = error;
    return {
      code,
      message: messageOf(error),
      advice: adviceFor(error),
      exitCode: EXIT.failed,
      ...(requestId !== undefined && { requestId }),
    };
  }
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    advice:
      'This is a fault of the program: report it, with the command that you ran.',
    exitCode: EXIT.failed,
  };
}

/** A line of what happened and a line of what to do, or one JSON document. */
export function reportText(report: Report, json: boolean): string {
  const { code, message, advice, requestId } = report;
  if (json)
    return `${JSON.stringify({
      error: {
        code,
        message,
        advice,
        ...(requestId !== undefined && { request_id: requestId }),
      },
    })}\n`;
  return `Error: ${printable(message)}\nWhat to do: ${advice}\n`;
}

function messageOf({ message, fields, quota, cause }: SandboxedError): string {
  const parts = [
    message,
    ...fields.map((field) => `${field.path}: ${field.message}`),
    ...(quota === undefined
      ? []
      : [`quota ${quota.name}: ${quota.used} of ${quota.limit} used`]),
    ...systemCodes(cause),
  ];
  return parts.join('; ');
}

/** Why a connection failed is told far below: `ECONNREFUSED`, `ENOTFOUND`. */
function systemCodes(cause: unknown): string[] {
  if (!(cause instanceof Error)) return [];
  if (cause.cause instanceof Error) return systemCodes(cause.cause);
  return [
    'code' in cause && typeof cause.code === 'string'
      ? cause.code
      : cause.message,
  ];
}
