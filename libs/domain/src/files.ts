import { z } from 'zod';

/** Directories that one path may pass; also how deep a tree is walked. */
export const MAX_PATH_PARTS = 256;
const MAX_PATH_CHARACTERS = 4096;
/** The longest name that Linux file systems take. */
const MAX_NAME_BYTES = 255;

const encoder = new TextEncoder();

/** What is wrong with a path relative to the app directory, or undefined. */
function pathFault(text: string): string | undefined {
  if (text === '' || text === '.') return undefined;
  if (text.includes('\0')) return 'must not hold NUL';
  if (!text.isWellFormed()) return 'must be valid Unicode';
  if (text.startsWith('/'))
    return 'must be relative to the app directory, not absolute';
  const parts = text.split('/');
  if (parts.includes('..')) return 'must not hold ".."';
  if (parts.includes('') || parts.includes('.'))
    return 'must not hold empty or "." parts, nor end in "/"';
  if (parts.length > MAX_PATH_PARTS)
    return `must not be deeper than ${MAX_PATH_PARTS} directories`;
  if (parts.some((part) => encoder.encode(part).length > MAX_NAME_BYTES))
    return `must not hold a name longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/** A path relative to the app directory as its parts; empty text or `.` is the app directory itself, with no parts. */
export const filePathSchema = z
  .string()
  .max(MAX_PATH_CHARACTERS)
  .superRefine((text, context) => {
    const message = pathFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .transform((text): readonly string[] =>
    text === '' || text === '.' ? [] : text.split('/'),
  )
  .brand<'FilePath'>();
/** Parts of a path that was parsed: none is empty, `.`, `..`, or holds a slash or NUL. */
export type FilePath = z.output<typeof filePathSchema>;

/** A path of something below the app directory, not that directory itself. */
export const entryPathSchema = filePathSchema.refine(
  (parts) => parts.length > 0,
  'must name something below the app directory',
);

const modeSchema = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'must be permissions in octal, such as "0644"')
  .transform((text) => Number.parseInt(text, 8));

/** Body of `PUT …/files`. `append` adds to the end of a file, which is made if it is missing. */
export const writeFileRequestSchema = z
  .strictObject({
    path: entryPathSchema.describe(
      'The file, relative to the app directory; directories above it are made.',
    ),
    content: z.string().describe('What is in it, or is added to it.'),
    encoding: z
      .enum(['utf8', 'base64'])
      .default('utf8')
      .describe('How `content` is written.'),
    append: z
      .boolean()
      .default(false)
      .describe('Adds to the end of the file, which is made if it is missing.'),
    mode: modeSchema
      .optional()
      .describe(
        'Permissions in octal, such as `755`; as they were, or `644`, unless given.',
      ),
  })
  .superRefine(({ content, encoding }, context) => {
    const valid =
      encoding === 'utf8'
        ? content.isWellFormed()
        : z.base64().safeParse(content).success;
    if (!valid)
      context.addIssue({
        code: 'custom',
        path: ['content'],
        message: `is not valid ${encoding}`,
      });
  });

/** Body of `POST …/files/move`. */
export const moveFileRequestSchema = z.strictObject({
  from: entryPathSchema.describe(
    'What is moved, relative to the app directory.',
  ),
  to: entryPathSchema.describe(
    'Where to, relative to the app directory. A file that is there is replaced, a directory not.',
  ),
  replace: z
    .boolean()
    .default(true)
    .describe('`false`: only where nothing is yet, else the answer is 412.'),
});

/** Body of `POST …/files/mkdir`. */
export const makeDirectoryRequestSchema = z.strictObject({
  path: entryPathSchema.describe(
    'The directory, relative to the app directory; those above it are made.',
  ),
});

export const FILE_TYPES = ['file', 'directory', 'link', 'other'] as const;

/** One entry of a listing; `path` is relative to the app directory, `size` in bytes, `mode` octal. */
export const fileEntrySchema = z.strictObject({
  path: z.string(),
  type: z.enum(FILE_TYPES),
  size: z.int().nonnegative(),
  modified_at: z.iso.datetime(),
  mode: z.string(),
});
export type FileEntry = z.output<typeof fileEntrySchema>;

/** Answer of `GET …/files`; `truncated` when there is more than fits. */
export const fileListSchema = z.strictObject({
  path: z.string(),
  entries: z.array(fileEntrySchema),
  truncated: z.boolean(),
});
export type FileList = z.output<typeof fileListSchema>;

/** Answer of a write: the whole file as it is now, size in bytes, SHA-256 in hex, and its `ETag` as reading tells it. */
export const writtenFileSchema = z.strictObject({
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string(),
  etag: z.string(),
});
export type WrittenFile = z.output<typeof writtenFileSchema>;

/** Answer of `POST …/import`: files and links made, and bytes of their content. */
export const importedSchema = z.strictObject({
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
export type Imported = z.output<typeof importedSchema>;
