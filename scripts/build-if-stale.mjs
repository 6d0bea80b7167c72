// Builds where a source is newer than the last build. Installing, starting and testing call it, and npm itself where
// `npx xbarflow` runs in the project for the first time: a second build there would cost its user half a minute.
//
//     node scripts/build-if-stale.mjs
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = [
  'src',
  'scripts',
  'configs',
  'kernels',
  'traces',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** The last file that a build writes. */
const last = `${root}dist/explorer/index.html`;

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** When something in a folder changed; a folder itself changes when a file comes or goes. */
const newest = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((latest, name) => Math.max(latest, newest(`${path}/${name}`)), changed(path))
    : changed(path);

const sources = Math.max(...SOURCES.map((name) => newest(`${root}${name}`)));
if (changed(last) <= sources) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
