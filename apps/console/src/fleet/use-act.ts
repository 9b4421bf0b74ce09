import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Client } from '@sandboxed/sdk';
import { Jobs, SandboxedError } from '@sandboxed/sdk';
import { useSession } from '../session/session.ts';
import type { Act } from './life.ts';
import { FLEET } from './use-fleet.ts';

/** Does something to a sandbox's life: done when its job has ended, failed with what that failed of. */
export function useAct(id: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  const look = () => queries.invalidateQueries({ queryKey: [FLEET] });
  return useMutation({
    mutationFn: async (act: Act) => {
      const jobId = await submit(client, id, act);
      void look();
      if (jobId === undefined) return;
      const { error } = await new Jobs(client).wait(jobId);
      if (error !== undefined) throw new SandboxedError(error.message, error);
    },
    onSettled: look,
  });
}

async function submit(
  client: Client,
  id: string,
  act: Act,
): Promise<string | undefined> {
  const call = { params: { id }, body: {} };
  switch (act) {
    case 'start':
      return (await client.json('post', '/v1/sandboxes/{id}/start', call))
        .job_id;
    case 'stop':
    case 'stop-anyway': {
      const body = { force: act === 'stop-anyway' };
      return (
        await client.json('post', '/v1/sandboxes/{id}/stop', { ...call, body })
      ).job_id;
    }
    case 'purge':
      return (await client.json('post', '/v1/sandboxes/{id}/purge', call))
        .job_id;
    case 'delete':
      return (await client.remove('/v1/sandboxes/{id}', { params: { id } }))
        ?.job_id;
  }
}
