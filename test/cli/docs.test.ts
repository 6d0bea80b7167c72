// Pages done as they say: docs/devices.md's files written to a folder outside the package, its commands run, its output
// compared; docs/sweeps.md's sweep; docs/explain.md's commands and what they print.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(root, 'docs/devices.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, body]) => body!);
const files = [...text.matchAll(/^`([\w-]+\.yaml)`\n\n```yaml\n([\s\S]*?)```/gm)].map(
  ([, name, body]) => [name!, body!] as const,
);

describe('docs/devices.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-docs-'));
  for (const [name, body] of files) writeFileSync(join(folder, name), body);
  const [good, bad] = blocks('sh').map((block) => block.trim().split('\n'));
  const [printed, refused] = blocks('text').map((block) => block.trim().split('\n'));
  const run = (command: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.cjs'), ...command.split(' ').slice(1), '--quiet'], {
      encoding: 'utf8',
      cwd: folder,
    });

  it('a device and an architecture are two YAML files', () => {
    expect(files.map(([name]) => name)).toEqual(['my-cell.yaml', 'my-chip.yaml']);
  });

  it('its commands work, and print what it says', () => {
    const outputs = good!.map((command) => {
      const { status, stdout, stderr } = run(command);
      expect([command, status, stderr]).toEqual([command, 0, '']);
      return stdout.replace(/[│\s]+/g, ' ');
    });
    expect(good).toHaveLength(3);
    for (const line of printed!) expect(outputs[0]).toContain(line);
    expect(outputs[2]).toContain('my-cell');
  });

  it('a line above its limit ends with status 2 and the line that it shows', () => {
    const { status, stdout, stderr } = run(bad![0]!);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim()).toContain(refused![0]!);
  });

  it('its table of supplies is the one in use', async () => {
    const { supplyVoltage } = await import('../../src/estimators/digital.js');
    const row = (name: string): number[] =>
      text
        .split('\n')
        .find((line) => line.startsWith(`| ${name} |`))!
        .split('|')
        .slice(2, -1)
        .map((cell) => Number.parseFloat(cell));
    expect(row('node').map((nm) => supplyVoltage(nm * 1e-9))).toEqual(row('supply'));
  });
});

describe('docs/sweeps.md', () => {
  it('its sweep is valid at every point', () => {
    const page = readFileSync(join(root, 'docs/sweeps.md'), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-sweeps-'));
    writeFileSync(join(folder, 'my-sweep.yaml'), /^ {4}name: my-sweep\n(?: {4}.*\n)+/m.exec(page)![0]);
    const args = ['sweep', 'my-sweep.yaml', '--dry-run'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.cjs'), ...args], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('my-sweep: 324 points; all are valid.');
  });
});

describe('docs/explain.md', () => {
  const page = readFileSync(join(root, 'docs/explain.md'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-explain-'));
  /** Indented blocks: the commands, and after each what the last of them prints; `...` stands for lines left out. */
  const indented = page.split(/\n\n(?! {4})/).flatMap((part) => part.match(/(?:^ {4}.*\n?|^\n)+/gm) ?? []);
  const examples = indented.map((block) => block.replaceAll(/^ {4}/gm, '').trim().split('\n'));

  it.each(examples)('prints what the page shows: %s', (...lines) => {
    const commands = lines.filter((line) => line.startsWith('npx xbarflow '));
    const shown = lines.filter((line) => line !== '' && line !== '...' && !commands.includes(line));
    expect(commands).toHaveLength(2);
    expect(shown.length).toBeGreaterThan(5);
    const outputs = commands.map((command) => {
      const args = command.split(/\s+/).slice(2);
      return spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.cjs'), ...args], {
        encoding: 'utf8',
        cwd: folder,
      });
    });
    expect(outputs.map(({ status }) => status)).toEqual([0, 0]);
    const printed = outputs[1]!.stdout.replaceAll(root, '').split('\n');
    for (const line of shown) expect(printed).toContain(line);
  });

  it('has both examples', () => {
    expect(examples).toHaveLength(2);
  });
});
