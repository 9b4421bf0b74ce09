import type { AppFacts, Detected } from './app-facts.ts';
import { DETECTED_PORT } from './app-facts.ts';
import { detectNode } from './detect-node.ts';
import { detectPython } from './detect-python.ts';
import type { Env } from './environment.ts';
import type { Manifest } from './manifest.ts';
import {
  BUILD_TIMEOUT_SECONDS,
  MANIFEST_FILE,
  WEB_SERVICE,
} from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';
import type { ServiceSource, ServiceSpec } from './service.ts';

/** A service as it is declared over the API. */
export interface DeclaredService {
  readonly name: string;
  readonly spec: ServiceSpec;
}

/** A service that is to run, and who says so. */
export interface PlannedService {
  readonly name: string;
  readonly source: ServiceSource;
  readonly command: string;
  readonly port?: number;
  readonly cwd?: string;
  readonly env?: Env;
}

/** What an app consists of. */
export interface AppPlan {
  /** What decided; `none`: there is nothing to run. */
  readonly source: ServiceSource | 'none';
  readonly services: readonly PlannedService[];
  /** The service that a person opens; absent when none serves a port. */
  readonly web?: {
    readonly service: string;
    readonly port: number;
    readonly healthPath: string;
  };
  readonly build?: {
    readonly command: string;
    readonly timeoutSeconds: number;
  };
  /** What keeps the app's files from being understood, in one sentence for the user. */
  readonly problem?: string;
  /** Declared services that do not run, because the manifest has their name or port. */
  readonly overridden: readonly string[];
}

/**
 * Decides what runs: a valid manifest's services and, beside them, the declared ones whose name and port are free; without a
 * manifest the declared ones; without those what is detected. A manifest with a mistake runs nothing and hides nothing:
 * declared services go on, and `problem` names the line.
 */
export function planApp(
  facts: AppFacts,
  declared: readonly DeclaredService[],
): AppPlan {
  const own = declared.map(asPlanned);
  if (facts.present.includes(MANIFEST_FILE)) {
    const text = facts.texts[MANIFEST_FILE];
    const parsed =
      text === undefined
        ? { problem: `${MANIFEST_FILE} is not a plain text file up to 64 KiB` }
        : parseManifest(text);
    return 'ok' in parsed
      ? { ...ownBuild(detect(facts)), ...manifestPlan(parsed.ok, own) }
      : { ...declaredPlan(own), problem: parsed.problem };
  }
  const detected = detect(facts);
  const plan = own.length > 0 ? declaredPlan(own) : detectedPlan(detected);
  return {
    ...plan,
    ...ownBuild(detected),
    ...(detected.problem !== undefined && { problem: detected.problem }),
  };
}

/** The project's own build, which a manifest may name otherwise. */
function ownBuild({ build }: Detected): Pick<AppPlan, 'build'> {
  return build === undefined
    ? {}
    : {
        build: {
          command: build,
          timeoutSeconds: BUILD_TIMEOUT_SECONDS.fallback,
        },
      };
}

function manifestPlan(
  { web, build, workers }: Manifest,
  declared: readonly PlannedService[],
): AppPlan {
  const services: PlannedService[] = [];
  if (web !== undefined) {
    const { health_path: _path, ...run } = web;
    services.push(planned(WEB_SERVICE, 'manifest', run));
  }
  for (const { name, ...run } of workers)
    services.push(planned(name, 'manifest', run));
  const taken = (service: PlannedService): boolean =>
    services.some(
      ({ name, port }) =>
        name === service.name || (port !== undefined && port === service.port),
    );
  const overridden = declared.filter(taken);
  const joined = declared.filter((service) => !taken(service));
  const opened =
    web === undefined
      ? webOf(joined)
      : {
          service: WEB_SERVICE,
          port: web.port,
          healthPath: web.health_path,
        };
  return {
    source: 'manifest',
    services: [...services, ...joined],
    ...(opened !== undefined && { web: opened }),
    ...(build !== undefined && {
      build: { command: build.command, timeoutSeconds: build.timeout_seconds },
    }),
    overridden: overridden.map(({ name }) => name),
  };
}

function declaredPlan(services: readonly PlannedService[]): AppPlan {
  const web = webOf(services);
  return {
    source: services.length === 0 ? 'none' : 'declared',
    services,
    ...(web !== undefined && { web }),
    overridden: [],
  };
}

function detectedPlan({ command }: Detected): AppPlan {
  if (command === undefined) return declaredPlan([]);
  const service = planned(WEB_SERVICE, 'detected', {
    command,
    port: DETECTED_PORT,
  });
  return { ...declaredPlan([service]), source: 'detected' };
}

/** Of declared services the one that is called so, else the one on the usual port, else the first that has a port. */
function webOf(services: readonly PlannedService[]): AppPlan['web'] {
  const rank = ({ name, port }: PlannedService): number =>
    name === WEB_SERVICE ? 0 : port === DETECTED_PORT ? 1 : 2;
  const [first] = services
    .filter(({ port }) => port !== undefined)
    .toSorted((a, b) => rank(a) - rank(b));
  return first?.port === undefined
    ? undefined
    : { service: first.name, port: first.port, healthPath: '/' };
}

function asPlanned({ name, spec }: DeclaredService): PlannedService {
  return planned(name, 'declared', spec);
}

function planned(
  name: string,
  source: ServiceSource,
  run: {
    readonly command: string;
    readonly port?: number | undefined;
    readonly cwd?: string | undefined;
    readonly env?: Env;
  },
): PlannedService {
  return {
    name,
    source,
    command: run.command,
    ...(run.port !== undefined && { port: run.port }),
    ...(run.cwd !== undefined && { cwd: run.cwd }),
    ...(run.env !== undefined && { env: run.env }),
  };
}

function detect(facts: AppFacts): Detected {
  const node = detectNode(facts);
  if (node.command !== undefined || node.problem !== undefined) return node;
  return { ...node, ...(detectPython(facts) ?? detectStatic(facts)) };
}

/** A page in the app directory itself, or where build tools put one. */
function detectStatic({ present }: AppFacts): Detected {
  const folder = ['', 'public', 'dist'].find((name) =>
    present.includes(name === '' ? 'index.html' : `${name}/index.html`),
  );
  if (folder === undefined) return {};
  const directory = folder === '' ? '' : ` --directory ${folder}`;
  return {
    command: `exec python3 -m http.server ${String(DETECTED_PORT)} --bind 0.0.0.0${directory}`,
  };
}
