import type { Camel } from './camel.ts';
import { toCamel } from './camel.ts';
import { LimitError } from './errors.ts';
import { isThere, lookUp } from './file-lookup.ts';
import type { Client, Reader } from './http/client.ts';
import { answerOf } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import type { Bytes } from './http/request.ts';
import type { components } from './wire.ts';

/** A file, directory or link. `path` is relative to the app directory, `size` in bytes, `mode` octal. */
export type FileEntry = Camel<components['schemas']['FileEntry']>;
/** A file as it is after a write: its size in bytes and SHA-256 in hex. */
export type WrittenFile = Camel<components['schemas']['WrittenFile']>;

export interface ListOptions extends CallOptions {
  /** Also what is in directories below. */
  readonly recursive?: boolean;
}

/** A file's text, and the tag that `ifMatch` of a write takes. */
export interface ReadFile {
  readonly text: string;
  readonly etag: string;
}

/** A write with either is made once: when its answer is lost, it is not known whether it was done. Read the file then. */
export interface WriteOptions extends CallOptions {
  /** Writes only while the file is as it was read or written with this tag. Otherwise throws `PreconditionFailedError`. */
  readonly ifMatch?: string;
  /** Writes only what is not there yet. Otherwise throws `PreconditionFailedError`. */
  readonly ifNew?: boolean;
}

export interface MoveOptions extends CallOptions {
  /** Moves only where nothing is yet. Otherwise throws `PreconditionFailedError`. */
  readonly ifNew?: boolean;
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
  read(path: string, options: CallOptions = {}): Promise<string> {
    return this.#content(path, options, (response) => response.text());
  }

  /** Reads a file as text together with its tag. Throws `NotFoundError`. */
  readTagged(path: string, options: CallOptions = {}): Promise<ReadFile> {
    return this.#content(path, options, async (response) => ({
      text: await response.text(),
      etag: response.headers.get('etag') ?? '',
    }));
  }

  /** Reads a file as bytes. Throws `NotFoundError`. */
  readBytes(
    path: string,
    options: CallOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#content(
      path,
      options,
      async (response) => new Uint8Array(await response.arrayBuffer()),
    );
  }

  /** Reads a file piece by piece; a connection that breaks in between is an error of the stream's. Throws `NotFoundError`. */
  readStream(
    path: string,
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#content(path, options, streamOf);
  }

  /** Writes a file in one step: who reads it sees the old or the new. Directories above it are made. */
  async write(
    path: string,
    content: Bytes,
    { ifMatch, ifNew = false, ...options }: WriteOptions = {},
  ): Promise<WrittenFile> {
    return toCamel(
      await this.#client.raw<components['schemas']['WrittenFile']>(
        {
          method: 'put',
          path: '/v1/sandboxes/{id}/files/content',
          params: { id: this.#id },
          query: { path },
          headers: {
            'content-type': 'application/octet-stream',
            ...(ifMatch !== undefined && { 'if-match': ifMatch }),
            ...(ifNew && { 'if-none-match': '*' }),
          },
          body: content,
          ...options,
        },
        answerOf,
      ),
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

  /**
   * What is at a path; undefined for nothing. Looks through the directory above it: throws `LimitError` for what is there, but beyond
   * what one answer holds (5,000 entries).
   */
  async stat(
    path: string,
    options: CallOptions = {},
  ): Promise<FileEntry | undefined> {
    const { entry, isMore } = await lookUp(this, path, options);
    if (!isMore || !(await isThere(this.#client, this.#id, path, options)))
      return entry;
    throw new LimitError(
      `${path} is there, among too many files to say what it is.`,
      { code: 'too_many_files' },
    );
  }

  /** Whether there is anything at a path. */
  async exists(path: string, options: CallOptions = {}): Promise<boolean> {
    const { entry, isMore } = await lookUp(this, path, options);
    return (
      entry !== undefined ||
      (isMore && isThere(this.#client, this.#id, path, options))
    );
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

  /**
   * Moves a file or directory. A file that is there is replaced, a directory not; with `ifNew` nothing is: throws
   * `PreconditionFailedError`.
   */
  async move(
    from: string,
    to: string,
    { ifNew = false, ...options }: MoveOptions = {},
  ): Promise<void> {
    await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/files/move',
      {
        params: { id: this.#id },
        body: { from, to, ...(ifNew && { replace: false }) },
      },
      options,
    );
  }

  /** Removes a file, a link or a directory; one that is not empty only with `recursive`. */
  async remove(
    path: string,
    { recursive = false, ...options }: ListOptions = {},
  ): Promise<void> {
    await this.#client.remove(
      '/v1/sandboxes/{id}/files',
      {
        params: { id: this.#id },
        query: { path, recursive: recursive ? 'true' : 'false' },
      },
      options,
    );
  }

  /** The app directory as tar.gz, without what tools make again, such as `node_modules`. */
  downloadTar(options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#client.raw(
      {
        method: 'get',
        path: '/v1/sandboxes/{id}/export',
        params: { id: this.#id },
        ...options,
      },
      streamOf,
    );
  }

  /** Unpacks a tar file, plain or gzip, into the app directory. Answers how many files and bytes that were. */
  uploadTar(
    archive: Bytes,
    options: CallOptions = {},
  ): Promise<components['schemas']['Imported']> {
    return this.#client.raw<components['schemas']['Imported']>(
      {
        method: 'post',
        path: '/v1/sandboxes/{id}/import',
        params: { id: this.#id },
        headers: { 'content-type': 'application/gzip' },
        body: archive,
        ...options,
      },
      answerOf,
    );
  }

  #content<T>(path: string, options: CallOptions, read: Reader<T>): Promise<T> {
    return this.#client.raw(
      {
        method: 'get',
        path: '/v1/sandboxes/{id}/files/content',
        params: { id: this.#id },
        query: { path },
        ...options,
      },
      read,
    );
  }
}

function streamOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  return Promise.resolve(response.body ?? new Blob().stream());
}
