import { sandboxIdSchema, traefikLabels } from '@sandboxed/domain';
import { isPreviewLabel } from './preview-labels.ts';

const id = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const http = {
  previewDomain: 'localhost',
  entrypoint: 'web',
  tls: false,
} as const;

test.each([
  ['public', http],
  ['private', http],
  ['private', { ...http, entrypoint: 'websecure', tls: true }],
  ['public', { ...http, previewDomain: 'My_Apps.Example.com' }],
  ['public', { ...http, entrypoint: 'web-secure' }],
] as const)(
  'labels of a %s preview are let through: %o',
  (visibility, edge) => {
    const labels = traefikLabels({ id, ports: [80, 30_000], visibility }, edge);
    expect(
      Object.entries(labels).filter(
        ([label, value]) => !isPreviewLabel(id, label, value),
      ),
    ).toEqual([]);
  },
);
