/**
 * Whether a label routes previews of this sandbox to it, and nothing else: a router takes any host it is told to, also one of
 * another sandbox. Middlewares come from our own files alone.
 */
export function isPreviewLabel(
  sandboxId: string,
  label: string,
  value: string,
): boolean {
  if (label === 'traefik.enable') return value === 'true';
  const found =
    /^traefik\.http\.(routers|services)\.(s-[0-9a-z]{26}-[1-9]\d{0,4})\.(.+)$/.exec(
      label,
    );
  const [, kind, key = '', field] = found ?? [];
  const port = key.slice(`s-${sandboxId}-`.length);
  if (key !== `s-${sandboxId.toLowerCase()}-${port}`) return false;
  switch (`${kind ?? ''} ${field ?? ''}`) {
    case 'routers rule':
      return value.startsWith(`Host(\`${key}.`) && ONE_HOST.test(value);
    case 'routers entrypoints':
      return /^[\w-]{1,32}$/.test(value);
    case 'routers priority':
      // Below a closed gate.
      return /^[1-9]\d{0,2}$/.test(value);
    case 'routers service':
      return value === key;
    case 'routers middlewares':
      return /^[a-z0-9-]+@file(,[a-z0-9-]+@file)*$/.test(value);
    case 'routers tls':
      return value === 'true';
    case 'services loadbalancer.server.port':
      return value === port;
    default:
      return false;
  }
}

const ONE_HOST = /^Host\(`[\w.-]{1,253}`\)$/;
