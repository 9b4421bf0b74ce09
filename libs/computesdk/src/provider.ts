import type { Provider, SandboxInfo } from '@computesdk/provider';
import { defineProvider } from '@computesdk/provider';
import type { Connection, SandboxDetails } from '@sandboxed/sdk';
import { NotFoundError, Sandbox } from '@sandboxed/sdk';
import { filesystem } from './filesystem.ts';
import { runCommand } from './run-command.ts';
import { specOf } from './spec.ts';

/** Where the sandboxes are: address and token of an installation. */
export type SandboxedConfig = Connection;

const NAME = 'sandboxed';

/** Makes a provider of sandboxes on a host of your own: `compute({ provider: sandboxed({ baseUrl, token }) })`. */
export const sandboxed: (config: SandboxedConfig) => Provider<Sandbox> =
  defineProvider<Sandbox, SandboxedConfig>({
    name: NAME,
    methods: {
      sandbox: {
        async create(config, options = {}) {
          const sandbox = await Sandbox.create({
            ...config,
            ...specOf(options),
            ...(options.signal !== undefined && { signal: options.signal }),
          });
          return identified(sandbox);
        },

        async getById(config, id) {
          try {
            return identified(await Sandbox.connect(id, config));
          } catch (error) {
            if (error instanceof NotFoundError) return null;
            throw error;
          }
        },

        async list(config) {
          const found = [];
          for await (const sandbox of Sandbox.list(config))
            found.push(identified(sandbox));
          return found;
        },

        /** With its files. One that is gone is fine. */
        async destroy(config, id) {
          try {
            await (await Sandbox.connect(id, config)).purge();
          } catch (error) {
            if (!(error instanceof NotFoundError)) throw error;
          }
        },

        runCommand,
        streamCommand: runCommand,
        getInfo: async (sandbox) => infoOf(await sandbox.refresh()),

        async getUrl(sandbox, { port, protocol }) {
          const preview = sandbox.preview(port);
          const { url } =
            sandbox.info.visibility === 'private'
              ? await preview.link()
              : preview;
          return protocol === undefined
            ? url
            : url.replace(/^[a-z]+:/, `${protocol.replace(/:$/, '')}:`);
        },

        filesystem,
      },
    },
  });

function identified(sandbox: Sandbox) {
  return { sandbox, sandboxId: sandbox.id };
}

function infoOf(details: SandboxDetails): SandboxInfo {
  return {
    id: details.id,
    provider: NAME,
    status: statusOf(details.status),
    createdAt: new Date(details.createdAt),
    timeout: details.idleTimeoutSeconds * 1_000,
    metadata: { ...details.labels },
  };
}

function statusOf(status: SandboxDetails['status']): SandboxInfo['status'] {
  switch (status) {
    case 'creating':
    case 'starting':
    case 'running':
      return 'running';
    case 'stopping':
    case 'stopped':
    case 'deleting':
    case 'deleted':
      return 'stopped';
    case 'error':
      return 'error';
  }
}
