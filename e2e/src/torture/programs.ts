const line = (value: object): string => `echo '${JSON.stringify(value)}'`;

/** What processes of tasks and commands are called that run long: at rest there is none. */
export const LONG_PROCESS = 'torture-long';

/** Speaks as Codex does. Its prompt is its mark, outside the app directory, so that no revert takes it back; the end of the mark says how it goes on. */
export const PROGRAM = [
  '#!/bin/bash',
  'mark="$(cat)"',
  'echo "$mark" >> ../ran',
  line({ type: 'thread.started', thread_id: 'fake-thread' }),
  line({ type: 'turn.started' }),
  'echo "$mark" > made',
  'case "$mark" in',
  `*-slow) (exec -a ${LONG_PROCESS} sleep 600) & sleep 5 ;;`,
  '*-fail) exit 7 ;;',
  '*) sleep 0.3 ;;',
  'esac',
  line({
    type: 'item.completed',
    item: { id: 'item_0', type: 'agent_message', text: 'written' },
  }),
  line({
    type: 'turn.completed',
    usage: {
      input_tokens: 10,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 5,
      reasoning_output_tokens: 0,
    },
  }),
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
