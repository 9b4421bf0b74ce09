import { Jobs } from '@sandboxed/sdk';
import { useEffect, useState } from 'react';
import { useSession } from '../../session/session.ts';
import type { Story } from './story.ts';
import { BEGINNING, tell } from './story.ts';

/** Events that come at once are shown at once. Milliseconds. */
const PACE_MS = 50;

/** What a task tells, from its beginning on and as it goes on; taken up by itself when the connection breaks. */
export function useStory(
  taskId: string,
  onOver: () => void,
): { readonly story: Story; readonly error: unknown } {
  const { client } = useSession();
  const [story, setStory] = useState(BEGINNING);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const left = new AbortController();
    let latest = BEGINNING;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      setStory(latest);
    };
    const read = async () => {
      // By its job: to end that signal ends the reading, and not the task.
      const { signal } = left;
      for await (const event of new Jobs(client).events(taskId, { signal })) {
        latest = tell(latest, event);
        timer ??= setTimeout(show, PACE_MS);
      }
      onOver();
    };
    read().catch((failure: unknown) => {
      if (!left.signal.aborted) setError(failure);
    });
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [client, taskId, onOver]);
  return { story, error };
}
