import type { Document } from 'yaml';
import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import type { Manifest } from './manifest.ts';
import {
  MANIFEST_FILE,
  MANIFEST_MAX_BYTES,
  manifestSchema,
} from './manifest.ts';

/** A manifest, or one sentence that names the line to correct. */
export type ParsedManifest =
  { readonly ok: Manifest } | { readonly problem: string };

/** Reads the text of a `sandbox.yaml`. Never throws, whatever the text. */
export function parseManifest(text: string): ParsedManifest {
  if (text.length > MANIFEST_MAX_BYTES)
    return problemAt(undefined, 'is larger than 64 KiB');
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Else it warns of odd keys on the process' stderr.
      logLevel: 'error',
    });
    return read(document, lines);
  } catch (error) {
    // The parser recurses: thousands of nested brackets exhaust the stack.
    if (error instanceof RangeError)
      return problemAt(undefined, 'is nested too deeply');
    throw error;
  }
}

function read(document: Document.Parsed, lines: LineCounter): ParsedManifest {
  const lineOf = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : lines.linePos(offset).line;
  const [fault] = document.errors;
  if (fault !== undefined)
    return problemAt(lineOf(fault.pos[0]), sayFault(fault));
  const forbidden = findForbidden(document);
  if (forbidden !== undefined)
    return problemAt(lineOf(forbidden.offset), forbidden.message);
  const parsed = manifestSchema.safeParse(document.toJS(), { error: sayIssue });
  if (parsed.success) return { ok: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue === undefined) return problemAt(undefined, 'is not valid');
  const at = issue.path.map((key) =>
    typeof key === 'number' ? key : String(key),
  );
  if (issue.code === 'unrecognized_keys') at.push(issue.keys[0] ?? '');
  return problemAt(
    lineOf(offsetOf(document, at)),
    `${dotted(at)}${issue.message}`,
  );
}

/** Aliases make a small text a huge value, and tags are code of other languages: a manifest needs neither. */
function findForbidden(
  document: Document.Parsed,
): { offset: number | undefined; message: string } | undefined {
  let found: { offset: number | undefined; message: string } | undefined;
  const refuse = (offset: number | undefined, message: string): symbol => {
    found = { offset, message };
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_key, node) =>
      refuse(node.range?.[0], 'aliases (*name) are not allowed'),
    Value: (_key, node) => {
      if (node.anchor !== undefined)
        return refuse(node.range?.[0], 'anchors (&name) are not allowed');
      return node.tag?.startsWith('tag:yaml.org,2002:') === false
        ? refuse(node.range?.[0], 'tags (!name) are not allowed')
        : undefined;
    },
  });
  return found;
}

/** Where in the text a path leads, or its nearest parent that is there. */
function offsetOf(
  document: Document.Parsed,
  path: readonly (string | number)[],
): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown =
      length === 1
        ? document.contents
        : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(last),
      );
      if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
    }
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0];
  }
  return document.contents?.range[0];
}

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** What is wrong, in the words of somebody who writes YAML; undefined where the schema says it itself. */
function sayIssue(issue: Issue): string | undefined {
  if (issue.code === 'unrecognized_keys') return 'is not a known key';
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  if (issue.code === 'invalid_type') return WANTED[issue.expected];
  if (issue.code === 'too_small') return 'must not be empty';
  if (issue.code === 'too_big')
    return `is too long: at most ${String(issue.maximum)} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
  return undefined;
}

const WANTED: Readonly<Record<string, string>> = {
  string: 'must be text; a number needs quotes',
  object: 'must hold keys and values',
  record: 'must hold names and values',
  array: 'must be a list',
};

function dotted(path: readonly (string | number)[]): string {
  const text = path.reduce<string>(
    (before, key) =>
      typeof key === 'number'
        ? `${before}[${String(key)}]`
        : `${before}${before === '' ? '' : '.'}${key.slice(0, 100)}`,
    '',
  );
  return text === '' ? '' : `${text} `;
}

function problemAt(line: number | undefined, message: string): ParsedManifest {
  // The parser quotes what it stumbled over.
  const said = message.replaceAll(/\p{Cc}+/gu, ' ');
  return {
    problem:
      line === undefined
        ? `${MANIFEST_FILE} ${said}`
        : `${MANIFEST_FILE} line ${String(line)}: ${said}`,
  };
}

type Fault = Pick<Document.Parsed['errors'][number], 'code' | 'message'>;

/** What the parser found, where its own words would puzzle: an exhausted stack, and advice for programmers. */
function sayFault({ code, message }: Fault): string {
  if (message.includes('call stack')) return 'is nested too deeply';
  if (code === 'MULTIPLE_DOCS') return 'a second document (---) is not allowed';
  return (message.split('\n', 1)[0] ?? '').slice(0, 300);
}
