import type { AgentName } from '@sandboxed/domain';

/** One run of a coding agent against the scripted model. */
export interface AgentCase {
  readonly name: string;
  /** The script for the model. */
  readonly prompt: string;
  readonly model?: Readonly<Record<AgentName, string | undefined>>;
  /** `last`: the session of the run before. */
  readonly session?: 'last' | 'unknown';
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Interrupted as soon as a tool ended. */
  readonly interrupt?: true;
}

/** A session id that each program takes for one. */
export const UNKNOWN_SESSION: Readonly<Record<AgentName, string>> = {
  opencode: 'ses_ffffffffffffUnknownSessio',
  'claude-code': '00000000-0000-4000-8000-000000000000',
  codex: '00000000-0000-7000-8000-000000000000',
};

export const USUAL_MODEL: Readonly<Record<AgentName, string | undefined>> = {
  opencode: 'claude-scripted',
  'claude-code': undefined,
  codex: 'gpt-5.5',
};

const unknownModel = {
  opencode: 'openai/scripted-model',
  'claude-code': 'scripted-model',
  codex: 'scripted-model',
};

const NO_KEYS = { ANTHROPIC_API_KEY: undefined, OPENAI_API_KEY: undefined };
const QUOTA =
  'You exceeded your current quota, please check your plan and billing details.';

/** What is recorded of every coding agent. */
export const AGENT_CASES: readonly AgentCase[] = [
  {
    name: 'write',
    prompt:
      '[[usage in=1000 out=20 cached=100]] [[write path=index.html content="<h1>hello</h1>"]] [[done text="The page is there."]]',
  },
  {
    name: 'continued',
    session: 'last',
    prompt: '[[usage in=500 out=10]] [[recall]]',
  },
  {
    name: 'tools',
    prompt:
      '[[say text="First a file."]] [[write path=notes/a.txt content="one"]] [[read path=notes/a.txt]] [[edit path=notes/a.txt old=one new=two]] [[bash cmd="cat notes/a.txt"]] [[bash cmd="echo broken >&2; exit 3"]] [[done text="All tools were used."]]',
  },
  {
    name: 'unknown-model',
    model: unknownModel,
    prompt: '[[write path=b.txt content=b]] [[done]]',
  },
  { name: '401', prompt: '[[error status=401]]' },
  { name: '402', prompt: '[[error status=402]]' },
  { name: '403', prompt: '[[error status=403]]' },
  {
    name: 'quota',
    prompt: `[[error status=429 type=insufficient_quota message="${QUOTA}"]]`,
  },
  {
    name: '429-once',
    prompt: '[[error status=429 retry_after=1 times=1]] [[done]]',
  },
  { name: '429', prompt: '[[error status=429 retry_after=1]]' },
  { name: '529', prompt: '[[error status=529]]' },
  { name: 'stream-error', prompt: '[[error status=529 at=stream]]' },
  { name: 'malformed-json', prompt: '[[malformed kind=json]]' },
  { name: 'malformed-eof', prompt: '[[malformed kind=eof]]' },
  { name: 'malformed-html', prompt: '[[malformed kind=html]]' },
  { name: 'malformed-cut', prompt: '[[malformed kind=cut]]' },
  {
    name: 'interrupted',
    interrupt: true,
    prompt: '[[bash cmd="echo started"]] [[slow chunks=600 ms=100]]',
  },
  {
    name: 'unknown-session',
    session: 'unknown',
    prompt: '[[done]]',
  },
  { name: 'missing-key', env: NO_KEYS, prompt: '[[done]]' },
];
