import { CODEX_DONE, codexLine } from '../faults/codex-lines.ts';

/** What processes of tasks and commands are called that run long: at rest there is none. */
export const LONG_PROCESS = 'torture-long';

/** Speaks as Codex does. Its prompt is its mark, outside the app directory, so that no revert takes it back; the end of the mark says how it goes on. */
export const PROGRAM = [
  '#!/bin/bash',
  'mark="$(cat)"',
  'echo "$mark" >> ../ran',
  codexLine({ type: 'thread.started', thread_id: 'fake-thread' }),
  codexLine({ type: 'turn.started' }),
  'echo "$mark" > made',
  'case "$mark" in',
  `*-slow) (exec -a ${LONG_PROCESS} sleep 600) & sleep 5 ;;`,
  '*-fail) exit 7 ;;',
  '*) sleep 0.3 ;;',
  'esac',
  codexLine({
    type: 'item.completed',
    item: { id: 'item_0', type: 'agent_message', text: 'written' },
  }),
  CODEX_DONE,
].join('\n');

/** Answers every request with what it got; what was posted is a line of `../requests` by then. */
export const SERVICE = `exec node -e '
require("node:http").createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    if (request.method === "POST") require("node:fs").appendFileSync("../requests", body + "\\n");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ server: require("node:os").hostname(), method: request.method, url: request.url, body, host: request.headers.host }));
  });
}).listen(3000, "0.0.0.0");'`;
