import type { Sandbox } from '@sandboxed/sdk';

/** Hands a file of a sandbox to the browser to be kept. */
export async function download(sbx: Sandbox, path: string): Promise<void> {
  const bytes = await sbx.files.readBytes(path);
  // As bytes alone: a page of a tenant's is not to be opened as one of ours.
  const url = URL.createObjectURL(
    new Blob([bytes], { type: 'application/octet-stream' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = path.slice(path.lastIndexOf('/') + 1);
  link.click();
  URL.revokeObjectURL(url);
}
