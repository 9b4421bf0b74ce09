import type { BodyOf, SandboxedError } from '@sandboxed/sdk';

/** A sandbox as the API takes it. */
export type Spec = NonNullable<BodyOf<'/v1/sandboxes', 'post'>>;

export const TEMPLATES = [
  'blank',
  'vite-react',
  'next',
  'node-express',
  'fastapi',
  'static',
] as const satisfies readonly Spec['template'][];

/** A sandbox as somebody fills it in; what is empty is left to the installation. */
export interface Draft {
  readonly name: string;
  readonly template: (typeof TEMPLATES)[number];
  readonly image: string;
  /** With commas or blanks between. */
  readonly ports: string;
  readonly memoryMb: string;
  readonly cpus: string;
  /** `NAME=value`, one a line. */
  readonly env: string;
  readonly visibility: 'public' | 'private';
  readonly egress: 'open' | 'none';
  readonly sleeps: boolean;
  readonly idleMinutes: string;
}

export const EMPTY: Draft = {
  name: '',
  template: 'blank',
  image: '',
  ports: '3000',
  memoryMb: '',
  cpus: '',
  env: '',
  visibility: 'public',
  egress: 'open',
  sleeps: true,
  idleMinutes: '',
};

/** What is wrong, by field. */
export type Problems = Readonly<Partial<Record<keyof Draft, string>>>;

/** What is sent for a draft, or what cannot be read in it; whether it is allowed the API judges. */
export function specOf(draft: Draft): {
  readonly spec?: Spec;
  readonly problems: Problems;
} {
  const problems: Partial<Record<keyof Draft, string>> = {};
  const number = (field: 'memoryMb' | 'cpus' | 'idleMinutes') => {
    const text = draft[field].trim();
    const value = text === '' ? undefined : Number(text);
    if (Number.isNaN(value)) problems[field] = 'This is no number.';
    return value;
  };
  const ports = draft.ports.split(/[\s,]+/).filter((part) => part !== '');
  if (ports.some((port) => !/^\d{1,5}$/.test(port)))
    problems.ports = 'Give numbers, such as 3000, 8080.';
  const env = readEnv(draft.env);
  if (typeof env === 'number')
    problems.env = `Line ${env} is not of the form NAME=value.`;
  const memoryMb = number('memoryMb');
  const cpus = number('cpus');
  const idleMinutes = number('idleMinutes');
  if (Object.keys(problems).length > 0 || typeof env === 'number')
    return { problems };
  return {
    problems,
    spec: {
      ...(draft.name.trim() !== '' && { name: draft.name.trim() }),
      ...(draft.template !== 'blank' && { template: draft.template }),
      ...(draft.image.trim() !== '' && { image: draft.image.trim() }),
      ports: ports.map(Number),
      limits: {
        ...(memoryMb !== undefined && { memory_mb: memoryMb }),
        ...(cpus !== undefined && { cpus }),
      },
      env,
      visibility: draft.visibility,
      egress: draft.egress,
      idle_policy: draft.sleeps ? 'sleep' : 'always_on',
      ...(draft.sleeps &&
        idleMinutes !== undefined && {
          idle_timeout_seconds: Math.round(idleMinutes * 60),
        }),
    },
  };
}

/** The variables, or the number of the first line that is none. */
function readEnv(text: string): Readonly<Record<string, string>> | number {
  const lines = text.split('\n').map((line) => line.trim());
  const bad = lines.findIndex(
    (line) => line !== '' && !/^[A-Za-z_]\w*=/.test(line),
  );
  if (bad >= 0) return bad + 1;
  return Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

/** Where each field of the API's is filled in. */
const FIELDS: readonly (readonly [string, keyof Draft])[] = [
  ['/name', 'name'],
  ['/template', 'template'],
  ['/image', 'image'],
  ['/ports', 'ports'],
  ['/limits/memory_mb', 'memoryMb'],
  ['/limits/cpus', 'cpus'],
  ['/env', 'env'],
  ['/visibility', 'visibility'],
  ['/egress', 'egress'],
  ['/idle_policy', 'sleeps'],
  ['/idle_timeout_seconds', 'idleMinutes'],
];

/** What the API finds wrong, at the fields that it means; what means none of them is left out. */
export function problemsOf({
  fields,
}: Pick<SandboxedError, 'fields'>): Problems {
  return Object.fromEntries(
    fields.flatMap(({ path, message }) => {
      const found = FIELDS.find(
        ([name]) => path === name || path.startsWith(`${name}/`),
      );
      return found === undefined ? [] : [[found[1], sentence(message)]];
    }),
  );
}

function sentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
}
