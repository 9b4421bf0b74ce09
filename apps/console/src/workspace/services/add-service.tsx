import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';

/** Declares a service, or another one of its name. */
export function AddService({ onClose }: { readonly onClose: () => void }) {
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const [name, setName] = useState('web');
  const [command, setCommand] = useState('');
  const [port, setPort] = useState('');
  const put = useMutation({
    mutationFn: () =>
      sbx.services.put(name.trim(), {
        command,
        ...(port.trim() !== '' && { port: Number(port) }),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({
        queryKey: workspaceKey(sbx.id, 'services'),
      });
      onClose();
    },
  });
  return (
    <Dialog title="Add a service" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!put.isPending) put.mutate();
        }}
      >
        <Field label="Name">
          {(tied) => (
            <input
              {...tied}
              required
              value={name}
              onChange={({ target }) => {
                setName(target.value);
              }}
            />
          )}
        </Field>
        <Field
          label="Command"
          hint="A line of shell. It is started again when it ends, and with the sandbox."
        >
          {(tied) => (
            <input
              {...tied}
              required
              value={command}
              placeholder="npm run dev -- --host 0.0.0.0"
              onChange={({ target }) => {
                setCommand(target.value);
              }}
            />
          )}
        </Field>
        <Field label="Port" hint="What it listens on, on 0.0.0.0, if anything.">
          {(tied) => (
            <input
              {...tied}
              inputMode="numeric"
              pattern="[0-9]{1,5}"
              value={port}
              onChange={({ target }) => {
                setPort(target.value);
              }}
            />
          )}
        </Field>
        <FormEnd
          error={put.error}
          isPending={put.isPending}
          does="Add"
          doing="Starting…"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
