import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { completedCommands } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import type { Program } from '../define.ts';
import { usageProblem } from '../problem.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function addCompletion({ root, host }: Program): void {
  root
    .command('completion')
    .description(
      'Print a script that has a shell complete commands, options and sandboxes',
    )
    .argument('<shell>', Object.keys(SCRIPTS).join(', '))
    .action(function (this: typeof root) {
      const [shell = ''] = this.args;
      const script = Object.entries(SCRIPTS).find(
        ([name]) => name === shell,
      )?.[1];
      if (script === undefined)
        throw usageProblem(
          `There is no completion for ${shell}.`,
          `There is one for ${Object.keys(SCRIPTS).join(', ')}.`,
        );
      host.stdout.write(script(completedCommands(root)));
    });
}
