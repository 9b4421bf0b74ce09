import fs from 'node:fs';
import path from 'node:path';
import { Refusal } from './refusal.ts';

const MARKER = '.sandboxed-template';

/**
 * Fills an empty app directory from a template, once in the life of a home: what the user deletes later does not come
 * back. The directory is filled in one step, so that a crash leaves it empty or whole. Throws a {@link Refusal} for a
 * template that is not there.
 */
export function copyTemplate(options: {
  readonly home: string;
  readonly appDirectory: string;
  readonly templates: string;
  readonly name: string;
}): void {
  const { home, appDirectory, templates, name } = options;
  const marker = path.join(home, MARKER);
  if (fs.existsSync(marker)) return;
  const source = path.join(templates, name);
  if (!fs.existsSync(source))
    throw new Refusal(400, 'unknown_template', `no template ${name}`);
  fs.mkdirSync(appDirectory, { recursive: true });
  if (fs.readdirSync(appDirectory).length === 0) {
    const draft = path.join(path.dirname(appDirectory), MARKER);
    fs.rmSync(draft, { recursive: true, force: true });
    fs.cpSync(source, draft, { recursive: true });
    fs.renameSync(draft, appDirectory);
  }
  fs.writeFileSync(marker, '', { mode: 0o600 });
}
