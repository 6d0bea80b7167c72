// How the designs of one command are called, and the folder of each under `--out`.

import { fileNames } from '../config/file-names.js';
import { FIGURES } from '../report/html/sections.js';

/** Names of a comparison's own files, which no design's folder may have. */
const TAKEN = ['compare.json', 'compare.csv', 'attack.json', 'report.html', 'charts.js', FIGURES];

/** How each design is called, and its folder: its name, with its label or its place where others have the same. */
export function distinctNames(
  designs: readonly { name: string; label: string }[],
): { title: string; folder: string }[] {
  const count = (values: readonly string[], value: string): number => values.filter((other) => other === value).length;
  const names = designs.map(({ name }) => name);
  const labels = designs.map(({ label }) => label);
  const titles = designs.map(({ name, label }, i) =>
    count(names, name) === 1 ? name : count(labels, label) === 1 ? `${name} (${label})` : `${name} ${i + 1}`,
  );
  const folders = fileNames(names, TAKEN);
  return titles.map((title, i) => ({ title, folder: folders[i]! }));
}
