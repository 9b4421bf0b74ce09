import { Jobs } from '@sandboxed/sdk';
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../../session/session.ts';
import { useVisible } from '../../ui/use-visible.ts';
import type { Story } from './story.ts';
import { BEGINNING, tell } from './story.ts';

/** Events that come at once are shown at once. Milliseconds. */
const PACE_MS = 50;

/**
 * What a task tells, from its beginning on and as it goes on; taken up by itself when the connection breaks. While nobody sees the tab it
 * rests, and then goes on where it was. For another task it has to be another component.
 */
export function useStory(
  taskId: string,
  onOver: () => void,
): { readonly story: Story; readonly error: unknown } {
  const { client } = useSession();
  const [story, setStory] = useState(BEGINNING);
  const [error, setError] = useState<unknown>(null);
  const isSeen = useVisible();
  const told = useRef({ story: BEGINNING, last: '' });
  useEffect(() => {
    if (!isSeen || told.current.story.isOver) return;
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      setStory(told.current.story);
    };
    const read = async () => {
      // By its job: to end that signal ends the reading, and not the task.
      const { signal } = left;
      const { last } = told.current;
      const from = last === '' ? {} : { after: last };
      const events = new Jobs(client).events(taskId, { signal, ...from });
      for await (const event of events) {
        if (signal.aborted) return;
        told.current = {
          story: tell(told.current.story, event),
          last: event.id ?? told.current.last,
        };
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
      show();
    };
  }, [client, taskId, onOver, isSeen]);
  return { story, error };
}
