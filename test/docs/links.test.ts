import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const inDocs = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...inDocs].filter((name) => name.endsWith('.md'));
const text = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Files and folders that a page names in code: `src/pipeline/lockstep.ts`; patterns aside. */
const named = (page: string): string[] =>
  [...text(page).matchAll(/`((?:src|scripts|configs|bench|test)\/[\w./-]+)`/g)].map(([, path]) => path!);

describe('pages of the documentation', () => {
  it.each(pages)('%s: each link within the project leads to a file', (page) => {
    const found = text(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g);
    const links = [...found].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
  });

  it('docs/overview.md names rooms and files that are there, every room among them', () => {
    const paths = named('docs/overview.md');
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => `src/${name}`).filter((room) => !paths.includes(room))).toEqual([]);
  });
});

describe('docs/overview.md: from a question to the code in one hop', () => {
  const rows = [...text('docs/overview.md').matchAll(/^\| ([^|]+) \| ([^|]*`src\/[^|]+) \|$/gm)];

  it.each([
    ['ADC energy', 'src/machine/crossbar/chains.ts', ['sensing']],
    ['how lockstep advances', 'src/pipeline/lockstep.ts', ['runLockstep']],
    ['how a training stage of PipeLayer is built', 'src/machine/crossbar/chains.ts', ['CrossbarChains', 'gradient']],
  ])('%s', (question, file, names) => {
    const row = rows.find(([, asked]) => asked!.includes(question));
    expect(row?.[2]).toContain(file);
    for (const name of names) {
      expect(row![2]).toContain(name);
      expect(text(file)).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
