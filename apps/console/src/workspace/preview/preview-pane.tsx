import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace } from '../use-workspace.ts';
import './preview.css';

/** What the sandbox serves, in a frame of another origin: nothing of it reaches this page. */
export function PreviewPane() {
  const { sbx, details } = useWorkspace();
  const [port, setPort] = useState(details.ports[0]);
  const [round, setRound] = useState(0);
  const isPrivate = details.visibility === 'private';
  const link = useMutation({
    mutationFn: (chosen: number) => sbx.preview(chosen).link(),
  });
  const plain = port === undefined ? undefined : details.previewUrls[port];
  if (port === undefined || plain === undefined)
    return <p>The sandbox publishes no port.</p>;
  const { listening: isListening } = details.previews?.[port] ?? {
    listening: false,
  };
  const url = isPrivate ? link.data?.url : plain;
  return (
    <section className="preview" aria-label="Preview">
      <div className="row">
        {details.ports.length > 1 ? (
          <label>
            Port{' '}
            <select
              value={port}
              onChange={({ target }) => {
                setPort(Number(target.value));
                link.reset();
              }}
            >
              {details.ports.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        ) : (
          <span className="faint">Port {port}</span>
        )}
        <a
          className="grow break"
          href={url ?? plain}
          target="_blank"
          rel="noreferrer"
        >
          Open in a tab
        </a>
        <CopyButton
          key={url ?? plain}
          text={url ?? plain}
          what="the address of the preview"
        />
        <button
          type="button"
          onClick={() => {
            setRound(round + 1);
          }}
        >
          Reload
        </button>
      </div>
      {isPrivate && url === undefined && (
        <div>
          <p>This preview is private: it opens by a link that is signed.</p>
          {link.error !== null && <Failure error={link.error} />}
          <button
            type="button"
            aria-disabled={link.isPending}
            onClick={() => {
              if (!link.isPending) link.mutate(port);
            }}
          >
            Open it for an hour
          </button>
        </div>
      )}
      {url !== undefined && details.status === 'running' && !isListening && (
        <p role="status">
          Nothing listens on port {port} yet. Let an agent build an app, or add
          a service.
        </p>
      )}
      {url !== undefined && details.status === 'stopped' && round === 0 && (
        <div>
          <p>The sandbox sleeps.</p>
          <button
            type="button"
            onClick={() => {
              setRound(1);
            }}
          >
            Wake it by its preview
          </button>
        </div>
      )}
      {url !== undefined && (isListening || round > 0) && (
        <iframe
          key={`${port} ${String(round)}`}
          title={`What the sandbox serves on port ${port}`}
          src={url}
          // Its origin is its own, which this keeps; the page around it is another one.
          sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads allow-modals"
        />
      )}
    </section>
  );
}
