import { useCallback, useLayoutEffect, useRef } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Failure } from '../../ui/failure.tsx';
import { isAtEnd } from '../../ui/is-at-end.ts';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { useStory } from './use-story.ts';

/** What a task tells, as it tells it. Stays at its end unless somebody scrolls up. */
export function TaskStory({ taskId }: { readonly taskId: string }) {
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const over = useCallback(() => {
    void queries.invalidateQueries({ queryKey: workspaceKey(sbx.id, 'tasks') });
    void queries.invalidateQueries({ queryKey: workspaceKey(sbx.id, 'files') });
  }, [queries, sbx.id]);
  const { story, error } = useStory(taskId, over);
  const place = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const box = place.current;
    if (box !== null && follows.current) box.scrollTop = box.scrollHeight;
  }, [story]);
  return (
    <div
      ref={place}
      className="story"
      role="log"
      aria-label="What the agent does"
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        follows.current = isAtEnd(box);
      }}
    >
      {story.left > 0 && (
        <p className="faint">{story.left} lines before these are not shown.</p>
      )}
      {story.lines.length === 0 && !story.isOver && (
        <p aria-busy="true">It waits for its turn…</p>
      )}
      {story.lines.map(({ key, kind, text, state }) => (
        <p key={key} data-kind={kind}>
          {text}
          {state !== undefined && <span data-status={state}> {state}</span>}
        </p>
      ))}
      {story.tokens !== undefined && (
        <p className="faint">{story.tokens.toLocaleString()} tokens</p>
      )}
      {error !== null && <Failure error={error} />}
    </div>
  );
}
