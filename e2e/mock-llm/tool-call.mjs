/**
 * Which of the offered tools does what a step asks for.
 * @typedef {import('./chat.mjs').Chat} Chat
 * @typedef {import('./chat.mjs').Tool} Tool
 * @typedef {{name: string, kind: string, args: any, namespace?: string}} Call
 */
import { posix } from 'node:path';

const WRITERS = ['write', 'Write', 'write_file', 'create_file'];
const SHELLS = ['bash', 'Bash', 'shell_command', 'exec_command', 'shell'];
const READERS = ['read', 'Read', 'read_file', 'view'];
const EDITORS = ['edit', 'Edit', 'replace', 'edit_file', 'str_replace'];

const PATH_KEYS = ['filePath', 'file_path', 'path', 'absolute_path'];
const CONTENT_KEYS = ['content', 'contents', 'file_text', 'text'];

/** The first of the names that is offered. @param {Tool[]} tools @param {string[]} names */
const pick = (tools, names) =>
  names.map((name) => tools.find((tool) => tool.name === name)).find(Boolean);

/** @param {Tool} tool @param {string[]} keys */
const keyOf = (tool, keys) => keys.find((key) => key in tool.props) ?? keys[0];

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

const FILLERS = {
  number: 1,
  integer: 1,
  boolean: false,
  array: [],
  object: {},
};

/** A call with the required fields that the step does not know filled in. @param {Tool} tool @param {Record<string, any>} args @returns {Call} */
function call(tool, args) {
  const all = { ...args };
  for (const name of tool.required) {
    if (name in all) continue;
    const { type, enum: choices } = tool.props[name] ?? {};
    all[name] = choices?.[0] ?? FILLERS[[type].flat()[0]] ?? 'scripted step';
  }
  const { name, kind, namespace } = tool;
  return { name, kind, namespace, args: all };
}

/** @param {Tool} tool @param {string} input @returns {Call} */
const customCall = ({ name, kind, namespace }, input) => ({
  name,
  kind,
  namespace,
  args: input,
});

/** @param {Chat} chat @param {string} command @returns {Call | null} */
function shellCall(chat, command) {
  const tool = pick(chat.tools, SHELLS);
  if (tool) {
    const key = keyOf(tool, ['command', 'cmd', 'script']);
    const type = [tool.props[key]?.type].flat()[0];
    const value = type === 'array' ? ['bash', '-lc', command] : command;
    return call(tool, { [key]: value });
  }
  // "Code mode": the only tool is a JavaScript cell that calls the others.
  const cell = chat.tools.find(
    ({ kind, name }) => kind === 'custom' && name === 'exec',
  );
  if (!cell) return null;
  return customCall(
    cell,
    `const r = await tools.exec_command({ cmd: ${JSON.stringify(command)} });\ntext(typeof r === 'string' ? r : JSON.stringify(r));\n`,
  );
}

/** @param {Chat} chat @param {Record<string, string>} args @returns {Call | null} */
function namedCall(chat, { name, input = '', args = '{}' }) {
  const tool = chat.tools.find((offered) => offered.name === name);
  if (!tool) return null;
  return tool.kind === 'custom'
    ? customCall(tool, input)
    : { ...customCall(tool, ''), args: JSON.parse(args) };
}

/** @param {Chat} chat @param {Record<string, string>} args @param {(path: string) => string} absolute @returns {Call | null} */
function writeCall(chat, { path, content = 'scripted\n', via }, absolute) {
  const writer = via ? undefined : pick(chat.tools, WRITERS);
  if (writer)
    return call(writer, {
      [keyOf(writer, PATH_KEYS)]: absolute(path),
      [keyOf(writer, CONTENT_KEYS)]: content,
    });
  const patcher =
    via === 'bash' ? undefined : pick(chat.tools, ['apply_patch']);
  if (patcher) {
    const lines = content.replace(/\n$/, '').split('\n');
    const patch = `*** Begin Patch\n*** Add File: ${path}\n${lines.map((line) => `+${line}`).join('\n')}\n*** End Patch\n`;
    return patcher.kind === 'custom'
      ? customCall(patcher, patch)
      : call(patcher, {
          [keyOf(patcher, ['input', 'patchText', 'patch'])]: patch,
        });
  }
  return shellCall(
    chat,
    `mkdir -p ${quoted(posix.dirname(path))} && printf %s ${quoted(content)} > ${quoted(path)}`,
  );
}

/** @param {Chat} chat @param {Record<string, string>} args @param {(path: string) => string} absolute @returns {Call | null} */
function readCall(chat, { path }, absolute) {
  const tool = pick(chat.tools, READERS);
  return tool
    ? call(tool, { [keyOf(tool, PATH_KEYS)]: absolute(path) })
    : shellCall(chat, `cat ${quoted(path)}`);
}

/** @param {Chat} chat @param {Record<string, string>} args @param {(path: string) => string} absolute @returns {Call | null} */
function editCall(chat, { path, old = '', new: fresh = '' }, absolute) {
  const tool = pick(chat.tools, EDITORS);
  if (tool)
    return call(tool, {
      [keyOf(tool, PATH_KEYS)]: absolute(path),
      [keyOf(tool, ['oldString', 'old_string', 'old_str'])]: old,
      [keyOf(tool, ['newString', 'new_string', 'new_str'])]: fresh,
    });
  const script =
    "import sys;p,o,n=sys.argv[1:4];s=open(p).read();assert o in s;open(p,'w').write(s.replace(o,n,1))";
  return shellCall(
    chat,
    ['python3 -c', ...[script, path, old, fresh].map(quoted)].join(' '),
  );
}

/** The call that does the step, or null when no offered tool can. @param {Chat} chat @param {import('./script.mjs').Step} step @param {string} cwd @returns {Call | null} */
export function toolCall(chat, { verb, args }, cwd) {
  /** @param {string} path */
  const absolute = (path) => (cwd ? posix.resolve(cwd, path) : path);
  const { path = 'index.html' } = args;
  switch (verb) {
    case 'bash':
      return shellCall(chat, args.cmd ?? 'true');
    case 'tool':
      return namedCall(chat, args);
    case 'write':
      return writeCall(chat, { ...args, path }, absolute);
    case 'read':
      return readCall(chat, { ...args, path }, absolute);
    default:
      return editCall(chat, { ...args, path }, absolute);
  }
}
