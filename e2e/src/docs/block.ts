/** What is done with a block, by its language; what is not here is not allowed. */
const TREATMENTS = {
  sh: 'run',
  bash: 'run',
  python: 'run',
  json: 'parse-json',
  yaml: 'parse-yaml',
  ts: 'check-types',
  typescript: 'check-types',
  text: 'show',
  ini: 'show',
  nginx: 'show',
  html: 'show',
} as const;
type Language = keyof typeof TREATMENTS;
type Treatment = (typeof TREATMENTS)[Language];

/** A fenced block of a page. `line` is that of its fence, counted from 1. */
export interface Block {
  readonly line: number;
  readonly content: string;
  /** `output`: what the block before it prints. `none`: marked with the reason why it cannot be tried here. */
  readonly treatment: Treatment | 'output' | 'none';
  /** What is wrong with its info string. */
  readonly problems: readonly string[];
}

/** What bash is to run: other languages through their interpreter, the one that is first in its path. */
const scriptOf = (language: string, content: string): string =>
  language === 'python'
    ? `python - <<'END_OF_PYTHON'\n${content}\nEND_OF_PYTHON`
    : content;

const isLanguage = (name: string): name is Language => name in TREATMENTS;

/**
 * Reads a fence's info string: its language, then `no-test="<reason>"` for what cannot be tried here, or `output` for what the block
 * before it prints, where `…` stands for anything.
 */
export function readBlock(info: string, content: string, line: number): Block {
  const [, language = '', rest = ''] = /^\s*(\S*)\s*(.*)$/s.exec(info) ?? [];
  const block = { line, content: scriptOf(language, content) };
  const wrong = (problem: string): Block => ({
    ...block,
    treatment: 'none',
    problems: [problem],
  });
  if (language === '') return wrong('a block names its language');
  if (!isLanguage(language))
    return wrong(`"${language}" is not a language that is known here`);
  const marker = rest.trim();
  if (marker === '')
    return { ...block, treatment: TREATMENTS[language], problems: [] };
  if (marker === 'output')
    return TREATMENTS[language] === 'run'
      ? wrong('output is text or json, not something to run')
      : { ...block, treatment: 'output', problems: [] };
  const reason = /^no-test="([^"]*)"$/.exec(marker)?.[1];
  if (reason === undefined) return wrong(`"${marker}" is not a marker`);
  if (reason.trim().length < 10)
    return wrong('no-test needs its reason in words');
  return { ...block, treatment: 'none', problems: [] };
}
