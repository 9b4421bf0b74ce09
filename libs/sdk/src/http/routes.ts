import type { paths } from '../wire.ts';

/** Methods that the API has. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Paths of the API, by the document. */
export type Path = keyof paths;

type Operation<P extends Path, M extends Method> = paths[P][M];

type JsonOf<T> = T extends {
  readonly content: { readonly 'application/json': infer B };
}
  ? B
  : never;

/** The body that a call takes. */
export type BodyOf<P extends Path, M extends Method> =
  Operation<P, M> extends { readonly requestBody?: infer R }
    ? JsonOf<NonNullable<R>>
    : never;

/** What a call answers, as JSON. */
export type AnswerOf<P extends Path, M extends Method> =
  Operation<P, M> extends { readonly responses: { readonly 200: infer R } }
    ? JsonOf<R>
    : never;

type Parameters<P extends Path, M extends Method, K extends 'path' | 'query'> =
  Operation<P, M> extends { readonly parameters: infer A }
    ? K extends keyof A
      ? NonNullable<A[K]>
      : never
    : never;

type Params<P extends Path, M extends Method> = Parameters<P, M, 'path'>;
type Query<P extends Path, M extends Method> = Parameters<P, M, 'query'>;

/** What goes with a call: parameters of its path and query, and its body. All but those of the path may be left out. */
export type CallOf<P extends Path, M extends Method> = {
  readonly query?: Query<P, M>;
  readonly body?: BodyOf<P, M>;
} & ([Params<P, M>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Params<P, M> });

type HeadersOf<O> = O extends {
  readonly parameters: { readonly header?: infer H };
}
  ? NonNullable<H>
  : never;

/** Paths whose POST takes no Idempotency-Key. */
export type KeylessPath = {
  [P in Path]: [NonNullable<paths[P]['post']>] extends [never]
    ? never
    : [HeadersOf<NonNullable<paths[P]['post']>>] extends [never]
      ? P
      : never;
}[Path];
