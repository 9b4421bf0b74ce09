import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts together what the Dockerfile has in /opt/sandboxed-agent: the bundled agent, the native part of its terminals, Node, the templates. Returns the directory. */
export async function agentSource(
  root: string,
  parent: string,
): Promise<string> {
  const source = join(parent, 'agent-source');
  await mkdir(source);
  await cp(join(root, 'dist/agent.cjs'), join(source, 'agent.cjs'));
  await cp(
    join(root, `node_modules/@lydell/node-pty-linux-${process.arch}/pty.node`),
    join(source, 'pty.node'),
  );
  await cp(join(root, 'templates'), join(source, 'templates'), {
    recursive: true,
  });
  await symlink(process.execPath, join(source, 'node'));
  return source;
}
