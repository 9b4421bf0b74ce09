import type { Camel } from './camel.ts';
import { toCamel } from './camel.ts';
import { NotFoundError } from './errors.ts';
import type { Bytes, Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import type { components } from './wire.ts';

/** A file, directory or link. `path` is relative to the app directory, `size` in bytes, `mode` octal. */
export type FileEntry = Camel<components['schemas']['FileEntry']>;
/** A file as it is after a write: its size in bytes and SHA-256 in hex. */
export type WrittenFile = Camel<components['schemas']['WrittenFile']>;

export interface ListOptions extends CallOptions {
  /** Also what is in directories below. */
  readonly recursive?: boolean;
}

/** Files of a sandbox, also while it sleeps. Paths are relative to the app directory; none leads out of it. */
export class Files {
  readonly #client: Client;
  readonly #id: string;

  constructor(client: Client, sandboxId: string) {
    this.#client = client;
    this.#id = sandboxId;
  }

  /** Reads a file as text. Throws `NotFoundError`. */
  async read(path: string, options: CallOptions = {}): Promise<string> {
    return (await this.#content(path, options)).text();
  }

  /** Reads a file as bytes. Throws `NotFoundError`. */
  async readBytes(
    path: string,
    options: CallOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#content(path, options);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Reads a file piece by piece. Throws `NotFoundError`. */
  async readStream(
    path: string,
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return streamOf(await this.#content(path, options));
  }

  /** Writes a file in one step: who reads it sees the old or the new. Directories above it are made. */
  async write(
    path: string,
    content: Bytes,
    options: CallOptions = {},
  ): Promise<WrittenFile> {
    const response = await this.#client.raw({
      method: 'put',
      path: '/v1/sandboxes/{id}/files/content',
      params: { id: this.#id },
      query: { path },
      headers: { 'content-type': 'application/octet-stream' },
      body: content,
      ...options,
    });
    return toCamel(
      (await response.json()) as components['schemas']['WrittenFile'],
    );
  }

  /** What is in a directory; the app directory unless given. Throws `NotFoundError`. */
  async list(
    path = '',
    { recursive = false, ...options }: ListOptions = {},
  ): Promise<{
    readonly entries: readonly FileEntry[];
    /** Whether there is more than one answer holds. */
    readonly truncated: boolean;
  }> {
    return toCamel(
      await this.#client.json(
        'get',
        '/v1/sandboxes/{id}/files',
        {
          params: { id: this.#id },
          query: { path, recursive: recursive ? 'true' : 'false' },
        },
        options,
      ),
    );
  }

  /** What is at a path; undefined for nothing. Looks through the directory above it. */
  async stat(
    path: string,
    options: CallOptions = {},
  ): Promise<FileEntry | undefined> {
    const above = path.split('/').slice(0, -1).join('/');
    try {
      const { entries } = await this.list(above, options);
      return entries.find((entry) => entry.path === path);
    } catch (error) {
      if (error instanceof NotFoundError && error.code === 'file_not_found')
        return undefined;
      throw error;
    }
  }

  /** Makes a directory with those above it; one that is there is fine. */
  async mkdir(path: string, options: CallOptions = {}): Promise<void> {
    await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/files/mkdir',
      { params: { id: this.#id }, body: { path } },
      options,
    );
  }

  /** Moves a file or directory. A file that is there is replaced, a directory not. */
  async move(
    from: string,
    to: string,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/files/move',
      { params: { id: this.#id }, body: { from, to } },
      options,
    );
  }

  /** Removes a file, a link or a directory; one that is not empty only with `recursive`. */
  async remove(
    path: string,
    { recursive = false, ...options }: ListOptions = {},
  ): Promise<void> {
    await this.#client.json(
      'delete',
      '/v1/sandboxes/{id}/files',
      {
        params: { id: this.#id },
        query: { path, recursive: recursive ? 'true' : 'false' },
      },
      options,
    );
  }

  /** The app directory as tar.gz, without what tools make again, such as `node_modules`. */
  async downloadTar(
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return streamOf(
      await this.#client.raw({
        method: 'get',
        path: '/v1/sandboxes/{id}/export',
        params: { id: this.#id },
        ...options,
      }),
    );
  }

  /** Unpacks a tar file, plain or gzip, into the app directory. Answers how many files and bytes that were. */
  async uploadTar(
    archive: Bytes,
    options: CallOptions = {},
  ): Promise<components['schemas']['Imported']> {
    const response = await this.#client.raw({
      method: 'post',
      path: '/v1/sandboxes/{id}/import',
      params: { id: this.#id },
      headers: { 'content-type': 'application/gzip' },
      body: archive,
      ...options,
    });
    return (await response.json()) as components['schemas']['Imported'];
  }

  #content(path: string, options: CallOptions): Promise<Response> {
    return this.#client.raw({
      method: 'get',
      path: '/v1/sandboxes/{id}/files/content',
      params: { id: this.#id },
      query: { path },
      ...options,
    });
  }
}

function streamOf(response: Response): ReadableStream<Uint8Array> {
  return response.body ?? new Blob().stream();
}
