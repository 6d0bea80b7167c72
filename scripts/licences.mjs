// Dependencies that a user installs, with their licences, from the lock file: `npm run licences`; `-- --write` puts
// them into docs/security.md, `-- --check` fails where the page has others.

import { readFileSync, writeFileSync } from 'node:fs';

/** Licences that a package's LICENSE file says and its package.json does not. */
const SAID_IN_FILE = new Map([['png-js', 'MIT']]);

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const rows = Object.entries(packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  .map(([path, { version, license }]) => {
    const name = path.replace(/^.*node_modules\//, '');
    return { name, version, license: license ?? SAID_IN_FILE.get(name) ?? 'not said' };
  })
  .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'));
for (const { name, version, license } of rows) console.log(`${name} ${version}: ${license}`);
const counts = new Map();
for (const { license } of rows) counts.set(license, (counts.get(license) ?? 0) + 1);
const summary = [...counts].map(([license, n]) => `${n} ${license}`).join(', ');
console.log(`${rows.length} packages: ${summary}`);
const [writes, checks] = ['--write', '--check'].map((flag) => process.argv.includes(flag));
if (writes || checks) {
  const direct = new Set(Object.keys(packages[''].dependencies));
  const own = Object.entries(packages).filter(([path]) => direct.has(path.replace(/^node_modules\//, '')));
  const text = [
    `${rows.length} packages are installed with xbarflow, of these ${own.length} by its own choice: ${summary}.`,
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...own.map(([path, { version, license }]) => {
      const name = path.replace(/^node_modules\//, '');
      return `| ${name} | ${version} | ${license ?? SAID_IN_FILE.get(name) ?? 'not said'} |`;
    }),
  ].join('\n');
  const page = readFileSync('docs/security.md', 'utf8');
  const written = page.replace(
    /<!-- licences -->[\s\S]*<!-- \/licences -->/,
    () => `<!-- licences -->\n\n${text}\n\n<!-- /licences -->`,
  );
  if (writes) writeFileSync('docs/security.md', written);
  else if (written !== page) {
    console.error('docs/security.md has other dependencies than the lock file: run npm run licences -- --write');
    process.exitCode = 1;
  }
}
const unsaid = rows.filter(({ license }) => license === 'not said');
if (unsaid.length > 0) {
  console.error(`without a licence: ${unsaid.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}
