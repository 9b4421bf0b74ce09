import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import { useWorkspace } from '../use-workspace.ts';
import { openTerminal } from './open-terminal.ts';
import './terminal.css';

/** Lines that can be scrolled back to. */
const SCROLLBACK = 5_000;

/** A shell in the sandbox. */
export function TerminalPane() {
  const { sbx } = useWorkspace();
  const place = useRef<HTMLDivElement>(null);
  const leave = useRef<HTMLParagraphElement>(null);
  const [news, setNews] = useState('Connecting…');
  const [round, setRound] = useState(0);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const terminal = new Terminal({
      scrollback: SCROLLBACK,
      screenReaderMode: true,
      fontFamily: getComputedStyle(box).fontFamily,
      fontSize: 13,
      // Of WCAG 2.2 AA: some of the usual colours are too dark on black.
      minimumContrastRatio: 4.5,
      convertEol: false,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(box);
    terminal.attachCustomKeyEventHandler(({ key, type }) => {
      if (key !== 'F6') return true;
      if (type === 'keydown') leave.current?.focus();
      return false;
    });
    fit.fit();
    terminal.focus();
    const left = new AbortController();
    const line = openTerminal({
      terminals: sbx.terminals,
      signal: left.signal,
      size: () => ({ cols: terminal.cols, rows: terminal.rows }),
      show: (bytes) =>
        new Promise((shown) => {
          terminal.write(bytes, shown);
        }),
      tell(message) {
        setNews(message);
      },
    });
    void line.ended.then((message) => {
      if (left.signal.aborted) return;
      setNews(message);
      setOver(true);
    });
    const typed = terminal.onData((text) => {
      line.type(text);
    });
    const sized = terminal.onResize((size) => {
      line.resize(size);
    });
    const watch = new ResizeObserver(() => {
      fit.fit();
    });
    watch.observe(box);
    return () => {
      watch.disconnect();
      typed.dispose();
      sized.dispose();
      left.abort();
      terminal.dispose();
    };
  }, [sbx, round]);
  return (
    <div className="terminal-pane">
      <div className="row">
        <span role="status" className="faint grow">
          {news}
        </span>
        {isOver && (
          <button
            type="button"
            onClick={() => {
              setOver(false);
              setRound(round + 1);
            }}
          >
            Open another
          </button>
        )}
      </div>
      <div ref={place} className="terminal" />
      <p ref={leave} tabIndex={-1} className="faint small">
        F6 leaves the terminal.
      </p>
    </div>
  );
}
