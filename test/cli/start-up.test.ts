import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Words by which packages are known that are bundled into our own files. */
const MARKS = {
  yargs: 'YargsParser',
  zod: '"ZodObject"',
  yaml: '"YAMLParseError"',
  'cli-table3': '"top-left"',
  '@bufbuild/protobuf': 'protobuf',
};

/**
 * Packages that a command line loaded, from the coverage that Node writes of every script: those in files of their own,
 * and those bundled into ours.
 */
function packagesOf(...args: string[]): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-start-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.cjs'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_V8_COVERAGE: folder },
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const urls = readdirSync(folder).flatMap((name) =>
      (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] }).result.map(
        ({ url }) => url,
      ),
    );
    const files = urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
    expect(files).toContain(join(root, 'dist/cli/xbarflow.cjs'));
    return new Set(
      files.flatMap((file) => {
        const own = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
        if (own !== null) return [own[1]!];
        const text = readFileSync(file, 'utf8');
        return Object.entries(MARKS).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []));
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HEAVY = [
  '@duckdb/node-api',
  '@resvg/resvg-js',
  'vega',
  'vega-lite',
  'vega-embed',
  'piscina',
  '@bufbuild/protobuf',
];

describe('packages load when they are used', () => {
  it('--help loads the command line parser alone', () => {
    const packages = packagesOf('--help');
    expect(packages).toContain('yargs');
    for (const name of [...HEAVY, 'zod', 'yaml', 'cli-table3']) expect(packages).not.toContain(name);
  });

  it.each([
    ['run', 'pipelayer', '--set', 'network=lenet-5', '--format', 'json'],
    ['run', 'pipelayer', '--set', 'network=lenet-5'],
    ['compare', 'a3', 'pipelayer', '--set', 'network=lenet-5'],
    ['explain', '--help'],
    ['list', 'networks'],
  ])('%s %s loads no heavy one', (...args) => {
    const packages = packagesOf(...args);
    if (args[0] === 'run') for (const name of ['zod', 'yaml', 'cli-table3']) expect(packages).toContain(name);
    for (const name of HEAVY) expect(packages).not.toContain(name);
  });

  it('figures load what draws them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-start-'));
    try {
      const packages = packagesOf(
        'run',
        'pipelayer',
        '--set',
        'network=matrix-128',
        '--set',
        'workload.mode=inference',
        '--out',
        folder,
        '--figures',
        '--quiet',
      );
      for (const name of ['vega', 'vega-lite', '@resvg/resvg-js']) expect(packages).toContain(name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('the program has its earlier name, too, and a reader that comes late gets all that was said', () => {
  const words = ['run', 'pipelayer', '--set', 'network=lenet-5', '--format', 'json'];
  const run = (command: string): string => {
    const made = spawnSync('sh', ['-c', command, process.execPath, ...words], { cwd: root, encoding: 'utf8' });
    expect(made.stderr).toBe('');
    return made.stdout.replace(/"(wallS|peakRssBytes)": [^\n]*/g, '');
  };
  const late = run('"$0" dist/cli/xbarflow.cjs "$@" | (sleep 1; cat)');
  expect(late.length).toBeGreaterThan(2 ** 18);
  expect(run('"$0" dist/cli/xbarflow.js "$@"')).toBe(late);
});

it('a disk that takes no result is said', () => {
  const command = `"${process.execPath}" dist/cli/xbarflow.cjs run pipelayer --set network=lenet-5 > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('xbarflow failed: standard output takes no more: ENOSPC: no space left on device, write\n');
  expect(status).toBe(1);
});
