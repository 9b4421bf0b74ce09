import { thrown } from '../test/thrown.ts';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './settings.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sandboxed-client-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function tokenFile(text: string, mode = 0o600): string {
  const path = join(directory, 'token');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
const INSTALLED = {
  SANDBOXED_INSTALLED_URL: 'http://127.0.0.1:9999',
  SANDBOXED_INSTALLED_TOKEN: 'of the host',
};

it('calls an open installation here when nothing is said', () => {
  expect(readSettings({}, {})).toEqual({
    baseUrl: 'http://127.0.0.1:9090',
    warnings: [],
  });
});

it('calls what is installed on this host by its own token', () => {
  expect(readSettings({}, INSTALLED)).toEqual({
    baseUrl: 'http://127.0.0.1:9999',
    token: 'of the host',
    warnings: [],
  });
});

it.each([
  ['the command line', { url: 'https://a.example' }, {}],
  ['the environment', {}, { SANDBOXED_URL: 'https://a.example' }],
])(
  'hands the token of the host to no address of %s',
  (_, given, environment) => {
    expect(readSettings(given, { ...INSTALLED, ...environment })).toEqual({
      baseUrl: 'https://a.example',
      warnings: [],
    });
  },
);

it('takes the command line before the environment, and that before the host', () => {
  const environment = {
    ...INSTALLED,
    SANDBOXED_URL: 'http://b',
    SANDBOXED_TOKEN: 'b',
  };
  expect(readSettings({}, environment)).toMatchObject({
    baseUrl: 'http://b',
    token: 'b',
  });
  const file = tokenFile('a\n');
  expect(
    readSettings({ url: 'http://a', tokenFile: file }, environment),
  ).toMatchObject({
    baseUrl: 'http://a',
    token: 'a',
  });
  expect(
    readSettings({ token: 'c', tokenFile: file }, environment),
  ).toMatchObject({ token: 'c' });
});

it('an empty variable is none', () => {
  expect(
    readSettings(
      {},
      {
        ...INSTALLED,
        SANDBOXED_URL: '',
        SANDBOXED_TOKEN: '',
        SANDBOXED_TOKEN_FILE: '',
      },
    ),
  ).toMatchObject({ baseUrl: 'http://127.0.0.1:9999', token: 'of the host' });
});

it('reads a token from a file, and warns of one that others can read', () => {
  const hidden = tokenFile('secret\n');
  expect(readSettings({}, { SANDBOXED_TOKEN_FILE: hidden })).toMatchObject({
    token: 'secret',
    warnings: [],
  });
  const open = tokenFile('secret', 0o644);
  const { token, warnings } = readSettings({}, { SANDBOXED_TOKEN_FILE: open });
  expect(token).toBe('secret');
  expect(warnings).toEqual([expect.stringContaining('chmod 600')]);
});

it('warns of a token in the list of processes', () => {
  expect(readSettings({ token: 'x' }, {}).warnings).toEqual([
    expect.stringContaining('list of processes'),
  ]);
});

it('tells of a token file that is missing or empty', () => {
  expect(() =>
    readSettings({ tokenFile: join(directory, 'none') }, {}),
  ).toThrow('cannot be read');
  expect(() => readSettings({ tokenFile: tokenFile(' \n') }, {})).toThrow(
    'is empty',
  );
});

it.each(['sandboxes.example.org', 'ftp://a', 'localhost:9090'])(
  '%s is no address',
  (url) => {
    expect(thrown(() => readSettings({ url }, {}))).toMatchObject({
      exitCode: 2,
    });
  },
);
