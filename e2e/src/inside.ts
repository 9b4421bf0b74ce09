import { z } from 'zod';
import { exec } from './stack.ts';

/** What a look from inside a sandbox answers: a program in Python that prints one JSON value. Parsed by `schema`. */
export async function inside<T>(
  id: string,
  program: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const { stdout, stderr, exit_code } = await exec(
    id,
    `python3 - <<'PROGRAM'\n${program}\nPROGRAM`,
  );
  if (exit_code !== 0) throw new Error(`inside ${id}: ${stderr}`);
  return schema.parse(JSON.parse(stdout));
}

const reachesSchema = z.array(z.tuple([z.string(), z.number()]));

/**
 * Which of these addresses and ports a sandbox reaches over TCP, tried all at once from inside. Refused counts as reached: the
 * packet came to a host and back. Answers at most 100. Give it at most some 70,000 pairs, which take 10 s.
 */
export async function reached(
  id: string,
  targets: readonly { readonly host: string; readonly ports: PortRange }[],
): Promise<readonly (readonly [string, number])[]> {
  return inside(
    id,
    `
import errno, json, select, socket, time
targets = json.loads('''${JSON.stringify(targets)}''')
pairs = [(t["host"], p) for t in targets for p in range(t["ports"][0], t["ports"][1] + 1)]
reached, batch = [], 15000
for start in range(0, len(pairs), batch):
    poll, open_ = select.epoll(), {}
    for pair in pairs[start:start + batch]:
        family = socket.AF_INET6 if ":" in pair[0] else socket.AF_INET
        try: s = socket.socket(family, socket.SOCK_STREAM)
        except OSError: continue
        s.setblocking(False)
        code = s.connect_ex(pair)
        if code in (0, errno.ECONNREFUSED): reached.append(pair)
        if code == errno.EINPROGRESS:
            open_[s.fileno()] = (s, pair)
            poll.register(s, select.EPOLLOUT | select.EPOLLERR | select.EPOLLHUP)
        else: s.close()
    end = time.monotonic() + 1
    while open_ and time.monotonic() < end:
        for fd, _ in poll.poll(0.1, 1024):
            s, pair = open_.pop(fd)
            if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED): reached.append(pair)
            poll.unregister(fd); s.close()
    for s, _ in open_.values(): s.close()
    poll.close()
print(json.dumps(reached[:100]))
`,
    reachesSchema,
  );
}

/** First and last, both included. */
export type PortRange = readonly [number, number];
