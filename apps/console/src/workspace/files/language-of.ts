import type { Extension } from '@codemirror/state';
import { css } from '@codemirror/lang-css';
import { html } from '@codemirror/lang-html';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { markdown } from '@codemirror/lang-markdown';
import { python } from '@codemirror/lang-python';

/** What the editor needs to know of a file's language, by the end of its name. */
export function languageOf(path: string): Extension {
  const end = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  switch (end) {
    case 'js':
    case 'mjs':
    case 'cjs':
    case 'jsx':
      return javascript({ jsx: true });
    case 'ts':
    case 'mts':
    case 'tsx':
      return javascript({ jsx: end === 'tsx', typescript: true });
    case 'css':
    case 'scss':
      return css();
    case 'html':
    case 'vue':
    case 'svelte':
      return html();
    case 'json':
      return json();
    case 'md':
      return markdown();
    case 'py':
      return python();
    default:
      return [];
  }
}
