// docs/devices.md, done as it says: its files written to a folder outside the package, its commands run, its output
// compared.

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
    spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.js'), ...command.split(' ').slice(1), '--quiet'], {
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
