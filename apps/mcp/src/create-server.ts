import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Host } from './host.ts';
import { addCommandTools } from './tools/commands.ts';
import { addFileTools } from './tools/files.ts';
import { addSandboxTools } from './tools/sandboxes.ts';
import { addServiceTools } from './tools/services.ts';
import { addTaskTools } from './tools/tasks.ts';

const INSTRUCTIONS = `Sandboxes are Linux computers of your own on the user's host: Node, Python and git are there, and the network unless it was closed.
create_sandbox gives an id that every other tool takes. run_command runs a shell line in the app directory (~/workspace/app), to which paths of files are relative, too. A program that is to keep running is a service (start_service, listening on 0.0.0.0); get_preview gives the address where the user sees it.
run_task hands a whole job to a coding agent in the sandbox. An idle sandbox falls asleep and wakes by itself when it is used; its files stay. delete_sandbox what is not needed any more.`;

/** An MCP server whose tools work on one installation, as one caller. */
export function createServer(host: Host, version: string): McpServer {
  const server = new McpServer(
    { name: 'sandboxed', title: 'Sandboxed', version },
    { instructions: INSTRUCTIONS, capabilities: { tools: {} } },
  );
  addSandboxTools(server, host);
  addCommandTools(server, host);
  addFileTools(server, host);
  addServiceTools(server, host);
  addTaskTools(server, host);
  return server;
}
