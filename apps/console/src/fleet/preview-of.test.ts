import { previewOf } from './preview-of.ts';

const open = {
  ports: [8080, 3000],
  preview_urls: { '3000': 'http://b.localhost', '8080': 'http://a.localhost' },
  visibility: 'public',
  status: 'stopped',
} as const;

it('links to the app on the first port, also of one that sleeps', () => {
  expect(previewOf(open)).toBe('http://a.localhost');
});

it('has no plain link to what is private, not there yet, or no page', () => {
  expect(previewOf({ ...open, visibility: 'private' })).toBeUndefined();
  expect(previewOf({ ...open, status: 'creating' })).toBeUndefined();
  expect(previewOf({ ...open, ports: [] })).toBeUndefined();
  const preview_urls = { '8080': 'javascript:alert(1)' };
  expect(previewOf({ ...open, preview_urls })).toBeUndefined();
});
