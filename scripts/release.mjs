// `npm run release`: writes the explorer's static page into release/explorer/, as `xbarflow explore --out` does, and
// README's first picture from that page, opened by its file.
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch } from '../test/browser.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}release/explorer`;
const { status } = spawnSync(
  process.execPath,
  [`${root}dist/cli/xbarflow.cjs`, 'explore', '--out', folder, '--quiet'],
  {
    stdio: 'inherit',
  },
);
if (status !== 0) throw new Error(`xbarflow explore ended with ${status}`);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
await page.goto(pathToFileURL(`${folder}/index.html`).href);
await page.waitForSelector('.strip[aria-busy="false"]');
await page.waitForSelector('.board[aria-busy="false"] .token');
await page.screenshot({ path: `${root}docs/explorer.png` });
await browser.close();
console.log(`${folder}/index.html, docs/explorer.png`);
