import type { AppFacts, Detected } from './app-facts.ts';
import { DETECTED_PORT } from './app-facts.ts';
import { installOnce } from './install-once.ts';

const PYTHON = '.venv/bin/python';
const port = String(DETECTED_PORT);

/** Files that hold an app, and the module's name to Python. */
const MODULES = [
  { file: 'main.py', module: 'main' },
  { file: 'app.py', module: 'app' },
  { file: 'app/main.py', module: 'app.main' },
] as const;
type Module = (typeof MODULES)[number];

/** FastAPI and its kind, Flask, or a plain program. Undefined when there is no module to run. */
export function detectPython(facts: AppFacts): Detected | undefined {
  const modules = MODULES.filter(({ file }) => facts.present.includes(file));
  const [first] = modules;
  if (first === undefined) return undefined;
  const wanted = requirements(facts);
  const using = (name: RegExp): Module | undefined =>
    modules.find(({ file }) => imports(facts.texts[file], name)) ??
    (name.test(wanted) ? first : undefined);

  const asgi = using(/\b(fastapi|starlette|uvicorn)\b/i);
  if (asgi !== undefined) {
    const missing = [
      ...(/\b(fastapi|starlette)\b/i.test(wanted) ? [] : ['fastapi']),
      ...(/\buvicorn\b|\bfastapi\[/i.test(wanted) ? [] : ['uvicorn']),
    ];
    // Without watchfiles it would look at every file again and again, and never fall asleep.
    const reload = /\bwatchfiles\b|\[standard/i.test(wanted) ? ' --reload' : '';
    return {
      command: `${install(facts, missing)}\nexec ${PYTHON} -m uvicorn ${asgi.module}:${applicationOf(facts.texts[asgi.file])} --host 0.0.0.0 --port ${port}${reload}`,
    };
  }
  const flask = using(/\bflask\b/i);
  if (flask !== undefined) {
    const missing = /\bflask\b/i.test(wanted) ? [] : ['flask'];
    return {
      command: `${install(facts, missing)}\nexec ${PYTHON} -m flask --app ${flask.module} run --host 0.0.0.0 --port ${port} --reload`,
    };
  }
  if (wanted !== '')
    return { command: `${install(facts, [])}\nexec ${PYTHON} ${first.file}` };
  const python = facts.present.includes('.venv') ? PYTHON : 'python3';
  return { command: `exec ${python} ${first.file}` };
}

/** What the app says it needs, without comments. */
function requirements({ texts }: AppFacts): string {
  return [texts['requirements.txt'], texts['pyproject.toml']]
    .map((text) => (text ?? '').replace(/#.*/g, '').trim())
    .join('\n')
    .trim();
}

function imports(text: string | undefined, name: RegExp): boolean {
  return (text ?? '')
    .split('\n')
    .some((line) => /^\s*(from|import)\s/.test(line) && name.test(line));
}

/** The variable that holds the application. */
function applicationOf(text: string | undefined): string {
  const match =
    /^([A-Za-z_]\w{0,99})[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*(?:fastapi\.)?(?:FastAPI|Starlette)\(/m.exec(
      text ?? '',
    );
  return match?.[1] ?? 'app';
}

function install({ present, texts }: AppFacts, missing: string[]): string {
  const into = `uv pip install --python ${PYTHON}`;
  const venv = 'uv venv --quiet --allow-existing .venv';
  const project = /^\[project\]/m.test(texts['pyproject.toml'] ?? '');
  const steps = present.includes('requirements.txt')
    ? [venv, `${into} -r requirements.txt`]
    : [project ? 'uv sync' : venv];
  if (missing.length > 0) steps.push(`${into} ${missing.join(' ')}`);
  return installOnce({
    folder: '.venv',
    wishes: ['requirements.txt', 'pyproject.toml'],
    locks: ['uv.lock'],
    command: steps.join(' && '),
  });
}
