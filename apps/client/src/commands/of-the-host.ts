import type { Program } from '../define.ts';
import { withCommonOptions } from '../define.ts';
import { Problem } from '../problem.ts';

/** What only `./sandboxed` can do, which does it before this program is asked. */
const COMMANDS = {
  up: 'Install sandboxed on this host, or start it again',
  down: 'Stop sandboxed and all sandboxes; files stay',
  doctor: 'Say what is unsafe or about to fail on this host',
  backup: 'Copy database, key and workspaces into a new directory',
  restore: 'Bring a backup back on a host without data',
  'rotate-key': 'Encrypt the stored secrets with a new key',
} as const;

/** Commands of the host: here they are in the help and the completion, and say where they are. */
export function addOfTheHost({ root }: Program): void {
  for (const [name, description] of Object.entries(COMMANDS))
    withCommonOptions(root.command(name))
      .description(`${description} (on the host)`)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new Problem(
          `'${name}' is done on the host that sandboxed runs on.`,
          `Run './sandboxed ${name}' there, in the directory that it was installed from.`,
          { code: 'not_on_host' },
        );
      });
}
