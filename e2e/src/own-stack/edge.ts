import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from './docker.ts';

const run = promisify(execFile);

/** Traefik as compose.yaml has it, on ports of its own, for the sandboxes of one instance. Returns the container's name. */
export async function startEdge(options: {
  readonly root: string;
  readonly dataDir: string;
  readonly instance: string;
  readonly port: number;
  readonly pingPort: number;
  readonly wakePort: number;
  /** How long Traefik sits on news after it took some. Milliseconds. */
  readonly throttleMs: number;
  /** Serves previews over TLS, with Traefik's own certificate. */
  readonly tls: boolean;
}): Promise<string> {
  const { root, dataDir, instance } = options;
  const entrypoint = options.tls ? 'websecure' : 'web';
  const files = join(dataDir, 'edge');
  await mkdir(files, { recursive: true });
  await run(join(root, 'scripts/edge-certificate.sh'), [files]);
  const given = join(root, 'traefik/dynamic');
  for (const name of await readdir(given)) {
    const text = await readFile(join(given, name), 'utf8');
    await writeFile(
      join(files, name),
      text
        .replaceAll('127.0.0.1:9091', `127.0.0.1:${options.wakePort}`)
        // There is one entry point here.
        .replaceAll(/\[web(secure)?\]/g, `[${entrypoint}]`),
    );
  }
  const name = `${instance}-edge`;
  await docker(
    ...['run', '--detach', '--name', name, '--network', 'host'],
    ...['--restart', 'unless-stopped'],
    ...['--label', `sandboxed.instance=${instance}`],
    ...['--volume', `${files}:/etc/traefik/dynamic:ro`],
    'sandboxed/traefik:3',
    `--entrypoints.${entrypoint}.address=127.0.0.1:${options.port}`,
    `--entrypoints.ping.address=127.0.0.1:${options.pingPort}`,
    '--ping=true',
    '--ping.entrypoint=ping',
    '--providers.file.directory=/etc/traefik/dynamic',
    `--providers.providersthrottleduration=${options.throttleMs}ms`,
    '--serversTransport.forwardingTimeouts.idleConnTimeout=3s',
    '--serversTransport.forwardingTimeouts.dialTimeout=250ms',
    '--log.level=WARN',
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
  );
  return name;
}
