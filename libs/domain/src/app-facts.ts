/**
 * What is known of an app directory: which of the looked-for names are there, and the text of those that are plain
 * UTF-8 files of at most 64 KiB. It comes from the tenant: never more than a hint of what to run in their own sandbox.
 */
export interface AppFacts {
  readonly present: readonly string[];
  readonly texts: Readonly<Partial<Record<string, string>>>;
}

/** Of an empty directory, or of an agent that cannot tell. */
export const NO_FACTS: AppFacts = { present: [], texts: {} };

/** What was found to run and to build; `problem` is a sentence for the user. */
export interface Detected {
  /** Shell script that serves {@link DETECTED_PORT}. */
  readonly command?: string;
  /** Shell script that builds the app. */
  readonly build?: string;
  readonly problem?: string;
}

/** The port that a detected app is made to listen on. */
export const DETECTED_PORT = 3000;
