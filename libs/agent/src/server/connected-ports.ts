import fs from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';
const LISTEN = '0A';

/** Texts of the kernel's tables of TCP connections; one that cannot be read is left out. */
export function readTcpTables(): string[] {
  return TABLES.flatMap((path) => {
    try {
      return [fs.readFileSync(path, 'latin1')];
    } catch {
      // Without IPv6 there is no such table.
      return [];
    }
  });
}

/** Ports that something listens on and another machine is connected to, ascending. */
export function connectedPorts(tables: readonly string[]): number[] {
  const listening = new Set<string>();
  const connected = new Set<string>();
  for (const line of tables.flatMap((table) => table.split('\n'))) {
    const [, local = '', remote = '', state] = line.trim().split(/\s+/, 4);
    const [address, port] = local.split(':');
    if (port === undefined) continue;
    if (state === LISTEN) listening.add(port);
    // A connection of the sandbox with itself has the same address at both ends.
    else if (state === ESTABLISHED && remote.split(':')[0] !== address)
      connected.add(port);
  }
  return [...connected]
    .filter((port) => listening.has(port))
    .map((port) => Number.parseInt(port, 16))
    .sort((a, b) => a - b);
}
