/** One line of figures. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all its lines. */
export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/;
const HELP = /^# HELP ([a-zA-Z_:][\w:]*) (\S.*)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=[a-zA-Z_])|$)/y;

/** Reads the text format of Prometheus as strictly as its scraper. Throws for what that would refuse. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<
    string,
    { help: string; type: string; samples: Sample[] }
  >();
  const seen = new Set<string>();
  let current = { help: '', type: '', samples: new Array<Sample>() };
  let helped = { name: '', help: '' };
  let named = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, about, help] = HELP.exec(line) ?? [];
    if (about !== undefined && help !== undefined) {
      helped = { name: about, help };
      continue;
    }
    const [, family, type] = TYPE.exec(line) ?? [];
    if (family !== undefined && type !== undefined) {
      if (families.has(family)) throw new Error(`twice: ${line}`);
      const { name, help } = helped;
      if (name !== family) throw new Error(`without help: ${line}`);
      current = { help, type, samples: [] };
      named = family;
      families.set(family, current);
      continue;
    }
    const [, name = '', labelled = '', number = ''] = SAMPLE.exec(line) ?? [];
    const suffix = current.type === 'histogram' ? /_(?:bucket|sum|count)$/ : '';
    if (name.replace(suffix, '') !== named || seen.has(`${name} ${labelled}`))
      throw new Error(`not in its place: ${line}`);
    seen.add(`${name} ${labelled}`);
    const value = Number(number);
    if (number === '' || Number.isNaN(value)) throw new Error(`bad: ${line}`);
    current.samples.push({ name, labels: readLabels(labelled), value });
  }
  for (const [name, family] of families)
    if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels)
      throw new Error(`bad labels: ${text}`);
    labels[name] = value;
  }
  return labels;
}

/** Buckets rise and end with `+Inf`, which is the count. */
function checkHistogram(name: string, { samples }: Family): void {
  const open = new Map<string, { bound: number; value: number }>();
  for (const { name: part, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const last = open.get(key) ?? { bound: -Infinity, value: 0 };
    if (part === `${name}_bucket`) {
      const bound = le === '+Inf' ? Infinity : Number(le);
      if (!(bound > last.bound) || value < last.value)
        throw new Error(`buckets of ${name} ${key} do not rise at ${le}`);
      open.set(key, { bound, value });
    } else if (last.bound !== Infinity)
      throw new Error(`no bucket +Inf of ${name} ${key}`);
    else if (part === `${name}_count` && value !== last.value)
      throw new Error(`the count of ${name} ${key} is not its last bucket`);
  }
}
