// The licences of what others wrote and a bundle holds: most of them ask that their text goes with every copy.
import { readdirSync, readFileSync } from 'node:fs';

export const LICENCES = 'THIRD_PARTY_LICENSES.txt';
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** What {@link LICENCES} says of bundles by their esbuild metafile, whose paths are of `root`; undefined when all in them is ours. */
export function thirdParty(root, { outputs }) {
  const folders = new Set(
    Object.values(outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([path, { bytesInOutput }]) =>
        bytesInOutput > 0 ? (PACKAGE.exec(path)?.[1] ?? []) : [],
      ),
  );
  const said = [...folders].map((folder) => licenceOf(`${root}${folder}`));
  return said.length === 0 ? undefined : said.sort().join('\n');
}

function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(`${folder}/package.json`, 'utf8'),
  );
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim());
  // Some packages name their licence and leave its text out.
  const by = typeof author === 'object' ? author.name : author;
  const text = texts.join('\n\n') || `${license}${by ? `, by ${by}` : ''}`;
  return `${name} ${version} (${license})\n\n${text}\n\n${'-'.repeat(80)}\n`;
}
