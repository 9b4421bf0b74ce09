import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { advise } from './advice.ts';

/** The result of a tool: what the work answers, as structured content and as text for clients that know only that; or what to do about its error. */
export async function answered(
  work: () => Promise<Record<string, unknown>>,
): Promise<CallToolResult> {
  try {
    const structuredContent = await work();
    const text = JSON.stringify(structuredContent);
    return { structuredContent, content: [{ type: 'text', text }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: advise(error) }] };
  }
}
