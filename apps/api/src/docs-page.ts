/** `GET /docs`: Swagger UI, served from here alone, so that it works without a network. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sandboxed API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="docs"><p>The API is described by <a href="/openapi.json">openapi.json</a> and, for agents, <a href="/AGENTS.md">AGENTS.md</a>.</p></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Starts it. Without \`validatorUrl\` it would send the document's address to a service elsewhere. */
export const DOCS_START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  validatorUrl: 'none',
  deepLinking: true,
  docExpansion: 'list',
  filter: true,
  requestSnippetsEnabled: true,
});
`;
