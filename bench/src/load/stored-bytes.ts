import { stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import Docker from 'dockerode';
import { z } from 'zod';

const pragma = z.int();

/** Bytes in use, those in the write-ahead log too; pages that are free to be used again are not. */
export function readSqlite(path: string): number {
  const db = new Database(path, { readonly: true });
  try {
    const [pages, free, size] = [
      'page_count',
      'freelist_count',
      'page_size',
    ].map((name) => pragma.parse(db.pragma(name, { simple: true })));
    return ((pages ?? 0) - (free ?? 0)) * (size ?? 0);
  } finally {
    db.close();
  }
}

const sizeSchema = z.looseObject({ SizeRw: z.int().optional() });

/** What the Engine keeps of each sandbox of an instance, on average: what was written into its container, and its log. */
export async function containerBytes(
  instance: string,
): Promise<{ readonly layerBytes: number; readonly logBytes: number }> {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const label = [`sandboxed.instance=${instance}`, 'sandboxed.id'];
  const all = await docker.listContainers({ size: true, filters: { label } });
  let [layerBytes, logBytes] = [0, 0];
  for (const one of all) {
    layerBytes += sizeSchema.parse(one).SizeRw ?? 0;
    const { LogPath } = await docker.getContainer(one.Id).inspect();
    logBytes += (await stat(LogPath).catch(() => undefined))?.size ?? 0;
  }
  return {
    layerBytes: layerBytes / all.length,
    logBytes: logBytes / all.length,
  };
}
