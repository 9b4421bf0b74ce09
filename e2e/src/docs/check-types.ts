import { join } from 'node:path';
import ts from 'typescript';
import type { Problem } from './check-blocks.ts';
import type { Page } from './page.ts';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  strict: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
};

/** What the compiler says of the TypeScript blocks of `pages`, each a module of its own that imports what a file in the repository at `root` could. */
export function checkTypes(
  root: string,
  pages: readonly Page[],
): readonly Problem[] {
  const modules = new Map(
    pages.flatMap(({ path, blocks }) =>
      blocks
        .filter(({ treatment }) => treatment === 'check-types')
        .map(({ content, line }) => [
          join(root, `${path}.${line}.mts`),
          // What has no import is a script otherwise, where nothing may be awaited.
          { path, line, source: `${content}\nexport {};\n` },
        ]),
    ),
  );
  if (modules.size === 0) return [];
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.getCurrentDirectory = () => root;
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name)?.source ?? readFile(name);
  host.getSourceFile = (name, options, ...rest) => {
    const source = modules.get(name)?.source;
    return source === undefined
      ? getSourceFile(name, options, ...rest)
      : ts.createSourceFile(name, source, options);
  };
  const program = ts.createProgram([...modules.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).flatMap((diagnostic) => {
    const { file, start = 0, messageText } = diagnostic;
    const block = file && modules.get(file.fileName);
    if (file === undefined || block === undefined) return [];
    return [
      {
        page: block.path,
        line: block.line + 1 + file.getLineAndCharacterOfPosition(start).line,
        message: ts.flattenDiagnosticMessageText(messageText, ' '),
      },
    ];
  });
}
