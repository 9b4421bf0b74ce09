import { z } from 'zod';

/** Settings of the MCP server. */
export const mcpConfigSchema = z.object({
  /** The installation that the tools work on. */
  SANDBOXED_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:9090'),
  /** What it calls the installation with over stdio; over HTTP each caller brings its own. */
  SANDBOXED_TOKEN: z.string().optional(),
  SANDBOXED_MCP_HOST: z.string().default('127.0.0.1'),
  SANDBOXED_MCP_PORT: z.coerce.number().int().min(0).max(65_535).default(9093),
});

export type McpConfig = z.output<typeof mcpConfigSchema>;
