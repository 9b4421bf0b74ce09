/** The rules of the place, given to every coding agent beside the prompt. */
export const INSTRUCTIONS = `# This sandbox

You work in a disposable Linux sandbox. Nobody answers questions: decide yourself and finish the task.

- The app lives in /home/sandbox/workspace/app, your working directory. Keep everything that belongs to it there.
- The app must serve HTTP on port 3000 on 0.0.0.0. The user sees that port in a browser.
- sandboxed starts the server after your task and restarts it when it falls over. Do not start a long-running server in the foreground
  and leave none in the background. To try one out, start it with a time limit (\`timeout 20 ...\`) and stop it again.
- How the app is started is declared in sandbox.yaml in the app directory:

      version: 1
      web: { command: npm run dev -- --host 0.0.0.0 --port 3000, port: 3000, health_path: / }
      build: { command: npm run build, timeout_seconds: 300 }
      workers: [{ name: queue, command: node worker.js }]

  \`build\` and \`workers\` are optional. Without the file it is detected: a \`dev\` or \`start\` script of package.json, a Python app, or static
  files with an index.html. Write sandbox.yaml when the app is none of these.
- No sudo and no system packages. Install into the project (npm, pip in a venv, uv) or under the home directory; the rest of the
  system is read-only.
- Commands must not wait for input: pass --yes, -y or the like.
`;
