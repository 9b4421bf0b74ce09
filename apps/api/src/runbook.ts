/** The runbook that `/llms.txt` and `/AGENTS.md` serve; the same text as AGENTS.md of the repository (a test holds them equal). */
export const RUNBOOK = `# Driving sandboxed, for agents

Base URL \`http://127.0.0.1:9090\`. JSON in and out. Add \`?wait=60\` (at most 120) to anything that answers 202 to get the finished result.
If the installation has tokens, send \`Authorization: Bearer <secret>\`. \`GET /openapi.json\` has every route and schema.

1. Create: \`POST /sandbox?wait=60\` with \`{}\` → 201, keep \`id\` and \`preview_urls\`. \`{"template":"vite-react"}\` begins with a working app (also \`next\`,
   \`node-express\`, \`fastapi\`, \`static\`). \`env\` holds the keys that programs in it need.
2. Run: \`POST /sandbox/{id}/exec?wait=60\` with \`{"shell":"npm --version"}\` → \`exit_code\`, \`stdout\`, \`stderr\`. \`cmd\` takes an argv instead. The working directory is
   \`~/workspace/app\`. A stopped sandbox is started first. Output of long commands: \`GET /v1/jobs/{job_id}/events\` (SSE, resumes by \`Last-Event-ID\`).
3. Files, also while it sleeps, relative to \`~/workspace/app\`: \`GET …/files?path=&recursive=true\`, \`GET\` and \`PUT …/files/content?path=\` (the bytes),
   \`PUT …/files\` with \`{"path":"a/b.txt","content":"…"}\`, \`DELETE …/files?path=\`, \`GET …/export\` and \`POST …/import\` (tar.gz). Links are not followed.
4. Serve: what is in the app directory runs by itself from the next start on: a \`package.json\` with \`dev\` or \`start\`, FastAPI, Flask, an \`index.html\`, or what a
   \`sandbox.yaml\` says. To run something now: \`PUT /v1/sandboxes/{id}/services/web?wait=30\` with \`{"command":"npm run dev -- --host 0.0.0.0","port":3000}\`. Listen on \`0.0.0.0\`.
   Services restart for ever and with the sandbox; \`GET …/services\` lists them and the \`problem\` of a \`sandbox.yaml\`, \`GET …/services/web/logs?tail=50\` tells why one
   does not come up.
5. Delegate: \`POST /v1/sandboxes/{id}/tasks\` with \`{"agent":"claude-code","prompt":"Build a to-do list"}\` (\`opencode\`, \`codex\`); keys such as \`ANTHROPIC_API_KEY\` in the
   sandbox's or the task's \`env\`. Follow \`events_url\` (SSE: \`message\`, \`tool\`, \`file\`, \`usage\`, \`build\`, \`done\`), or poll \`GET …/tasks/{taskId}\`: \`result.status\` is
   \`succeeded\` only when the app builds and answers, else \`failure_reason\` and \`error_message\` say why. The next task continues the session (\`"continue":false\` does
   not). \`POST …/tasks/{taskId}/cancel\`; \`POST …/tasks/{taskId}/revert?wait=60\` brings the files back to before it.
6. Show: open \`preview_urls["3000"]\`. A sleeping sandbox wakes by itself and the app answers that very request.
   Of one with \`visibility: "private"\`: \`POST /v1/sandboxes/{id}/preview-links\` with \`{"port":3000,"expires_in":3600}\` → \`url\`.
7. Keep awake: \`POST /sandbox/{id}/keepalive\` with \`{"seconds":3600}\`. Running jobs keep it awake by themselves.
8. Clean up: \`DELETE /sandbox/{id}\` keeps the files, \`POST /sandbox/{id}/purge\` does not.

Errors are problem documents: act on \`code\`; try again only if \`retryable\` is true. Send \`Idempotency-Key\` with a POST that you might repeat.
A problem with \`quota\` names the limit in the way: 429 passes by itself, wait for \`Retry-After\`; 403 does not, free something. \`GET /v1/usage\` has all.
`;
