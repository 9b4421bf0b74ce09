/** What routes are about, in the order in which the document lists them. */
export const TAGS = {
  Sandboxes: 'A computer of its own for an app, a person or an agent.',
  Commands: 'Programs that are run in a sandbox.',
  Tasks: 'Work that is handed to a coding agent.',
  Files: 'The app directory, also while the sandbox sleeps.',
  Services: 'Programs that are kept running.',
  Previews: 'Links to what a private sandbox serves.',
  Jobs: 'What becomes of calls that are answered with 202.',
  Webhooks: 'Events of sandboxes, delivered to a URL.',
  Keys: 'API keys of a tenant. For admins.',
  Quotas: 'What a tenant has and may have.',
  Operations: 'For who runs the installation.',
  'Short paths': 'The same calls under the names they had first.',
} as const;

export type Tag = Exclude<keyof typeof TAGS, 'Short paths'>;
