import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';

/** Colours of code, each of which can be read on a light and on a dark ground. */
export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.modifier], color: 'var(--code-keyword)' },
    { tag: [tags.string, tags.regexp], color: 'var(--code-string)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
    { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
    { tag: [tags.tagName, tags.typeName], color: 'var(--code-name)' },
    { tag: [tags.attributeName, tags.propertyName], color: 'var(--code-part)' },
    { tag: tags.heading, fontWeight: 'bold' },
    { tag: tags.emphasis, fontStyle: 'italic' },
    { tag: tags.strong, fontWeight: 'bold' },
    { tag: tags.link, textDecoration: 'underline' },
    { tag: tags.invalid, color: 'var(--bad)' },
  ]),
);
