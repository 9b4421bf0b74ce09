import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';

/** Asks for a path, and does something with it. */
export function NameDialog({
  title,
  start,
  onName,
  onClose,
}: {
  readonly title: string;
  readonly start: string;
  readonly onName: (path: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const [path, setPath] = useState(start);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => onName(path.trim()),
    onSuccess: async () => {
      await queries.invalidateQueries({
        queryKey: workspaceKey(sbx.id, 'files'),
      });
      onClose();
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) mutate();
        }}
      >
        <Field label="Path" hint="Relative to the app directory.">
          {(tied) => (
            <input
              {...tied}
              required
              autoFocus
              value={path}
              onChange={({ target }) => {
                setPath(target.value);
              }}
            />
          )}
        </Field>
        <FormEnd {...{ error, isPending, onClose }} does="OK" doing="OK" />
      </form>
    </Dialog>
  );
}
