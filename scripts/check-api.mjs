// Holds the OpenAPI document against the linter, and the SDK's types against the document.   scripts/check-api.mjs [--write]
// With --write the types are made anew.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  createConfig,
  formatProblems,
  lintFromString,
} from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';
import { allRoutes } from '../apps/api/src/app.ts';
import { openapi } from '../apps/api/src/openapi/document.ts';
import { clientView } from './client-view.mjs';

const types = new URL('../libs/sdk/src/wire.ts', import.meta.url);
const document = openapi(allRoutes('0.1.0'), '0.1.0');

/** Everything the linter recommends, and that examples are what they are examples of. */
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    'info-license': 'error',
    'operation-4xx-response': 'error',
    'operation-operationId': 'error',
    'operation-operationId-url-safe': 'error',
    'operation-singular-tag': 'error',
    'tag-description': 'error',
    'no-invalid-media-type-examples': 'error',
    'no-invalid-parameter-examples': 'error',
    // A web socket is answered 101 alone.
    'operation-2xx-response': 'off',
    'no-server-trailing-slash': 'off',
    // A record of known keys requires them and describes them all at once.
    'no-required-schema-properties-undefined': 'off',
    // What streams hold is referred to by `x-events`; a test holds the rest.
    'no-unused-components': 'off',
  },
});
const problems = await lintFromString({
  source: JSON.stringify(document, null, 2),
  absoluteRef: 'openapi.json',
  config,
});

/** What the SDK works with. */
function sdkView(document) {
  const { components, ...rest } = clientView(document, '200');
  return plain({
    ...rest,
    components: {
      schemas: components.schemas,
      parameters: components.parameters,
    },
  });
}

/** Without examples, and without the word that an object may have further fields, which any may of a later version. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, inner]) =>
          key !== 'example' &&
          (key !== 'additionalProperties' || Object.keys(inner).length > 0),
      )
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
const made = `/* Made of the OpenAPI document by scripts/check-api.mjs --write: not to be edited. */\n${astToString(
  await openapiTS(sdkView(document), {
    immutable: true,
    alphabetize: true,
    defaultNonNullable: false,
  }),
)}`;

if (process.argv.includes('--write')) writeFileSync(types, made);
const areTypesOld = readFileSync(types, 'utf8') !== made;

if (problems.length > 0)
  formatProblems(problems, {
    format: 'codeframe',
    totals: { errors: problems.length, warnings: 0, ignored: 0 },
    version: '',
  });
if (areTypesOld)
  console.error(
    'libs/sdk/src/wire.ts is not what the document says. Make it anew: node scripts/check-api.mjs --write',
  );
if (problems.length > 0 || areTypesOld) process.exit(1);
console.log('The OpenAPI document is well-formed, and the SDK has its types.');
