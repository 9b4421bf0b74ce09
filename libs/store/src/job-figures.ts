import type { JobFigure } from '@sandboxed/domain';
import { addDurations, JOB_KINDS, JOB_MEASURES } from '@sandboxed/domain';
import { z } from 'zod';
import { json } from './rows.ts';
import type { Session } from './session.ts';

/** Durations of all jobs since the installation was made; as many rows as there are series. */
export interface JobFigures {
  /** Adds what a worker measured since it last did. */
  add(figures: readonly JobFigure[]): void;
  /** In no order of meaning, but always in the same. */
  all(): readonly JobFigure[];
}

const rowSchema = z
  .object({
    measure: z.enum(JOB_MEASURES),
    kind: z.enum(JOB_KINDS),
    detail: z.string(),
    counts: z.string().transform((text) => z.array(z.int()).parse(json(text))),
    sum_seconds: z.number(),
  })
  .transform(({ counts, sum_seconds: sumSeconds, ...series }) => ({
    ...series,
    histogram: { counts, sumSeconds },
  }));

/** Figures of jobs on one connection. */
export function createJobFigures(session: Session): JobFigures {
  const { db } = session;
  const get = db.prepare<[string, string, string]>(
    'SELECT * FROM job_figures WHERE measure = ? AND kind = ? AND detail = ?',
  );
  const put = db.prepare<[string, string, string, string, number]>(
    'INSERT OR REPLACE INTO job_figures (measure, kind, detail, counts, sum_seconds) VALUES (?, ?, ?, ?, ?)',
  );
  const all = db.prepare(
    'SELECT * FROM job_figures ORDER BY measure, kind, detail',
  );
  return {
    add(figures) {
      session.transaction(() => {
        for (const { measure, kind, detail, histogram } of figures) {
          const row = get.get(measure, kind, detail);
          const { counts, sumSeconds } =
            row === undefined
              ? histogram
              : addDurations(rowSchema.parse(row).histogram, histogram);
          put.run(measure, kind, detail, JSON.stringify(counts), sumSeconds);
        }
      });
    },
    all: () => all.all().map((row) => rowSchema.parse(row)),
  };
}
