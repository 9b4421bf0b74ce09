import { indentUnit } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { colours } from './colours.ts';
import { languageOf } from './language-of.ts';
import './editor.css';

/** A text field for code. `text` is what it begins with; another `path` makes another one. */
export function Editor({
  path,
  text,
  onChange,
  onSave,
}: {
  readonly path: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const calls = useRef({ onChange, onSave });
  useEffect(() => {
    calls.current = { onChange, onSave };
  });
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(
            keymap.of([
              {
                key: 'Mod-s',
                preventDefault: true,
                run: () => {
                  calls.current.onSave();
                  return true;
                },
              },
            ]),
          ),
          basicSetup,
          colours,
          indentUnit.of('  '),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}` }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) calls.current.onChange(state.doc.toString());
          }),
          languageOf(path),
        ],
      }),
    });
    return () => {
      view.destroy();
    };
  }, [path, text]);
  return <div ref={place} className="editor" />;
}
