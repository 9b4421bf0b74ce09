/** What routes need besides an id to be valid, by the end of their path. */
const BODIES: readonly (readonly [RegExp, object])[] = [
  [/\/exec$/, { shell: 'true' }],
  [/\/tasks$/, { prompt: 'Say hello.', agent: 'codex' }],
  [/\/services\/web$/, { command: 'true' }],
  [/\/files\/move$/, { from: 'a', to: 'b' }],
  [/\/files\/mkdir$/, { path: 'a' }],
  [/\/files$/, { path: 'c', content: 'd' }],
];

/** A body that the route of this path takes, whoever its sandbox is. */
export function validBody(path: string): object {
  return BODIES.find(([end]) => end.test(path))?.[1] ?? {};
}
