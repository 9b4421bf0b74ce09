import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOM = join(__dirname, '..');
const EXAMPLE = join(ROOM, 'src/readme-example.ts');

/** What the compiler says of the README's example. */
function faults(example: string): string[] {
  const { config } = ts.readConfigFile(join(ROOM, 'tsconfig.json'), (path) =>
    readFileSync(path, 'utf8'),
  ) as { readonly config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOM);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => (path === EXAMPLE ? example : readFile(path));
  host.fileExists = (path) => path === EXAMPLE || fileExists(path);
  const program = ts.createProgram([EXAMPLE], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, ' '),
    );
}

describe('the example of the README', () => {
  const [, example = ''] =
    /```ts\n(.*?)```/s.exec(readFileSync(join(ROOM, 'README.md'), 'utf8')) ??
    [];

  it('compiles as strictly as the library', () => {
    expect(example).toContain('Sandbox.create');
    expect(faults(example)).toEqual([]);
  });

  it('would be found out if it did not', () => {
    const wrong = example.replace('exitCode, stdout }', 'exitCodes, stdout }');
    expect(faults(wrong)).toContainEqual(
      expect.stringContaining("'exitCodes' does not exist"),
    );
  });
});
