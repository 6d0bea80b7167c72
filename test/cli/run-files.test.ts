// The files that `run --out` writes.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-'));

function xbarflow(args: string[]): { status: number | null; stdout: string; stderr: string } {
  const bin = join(root, 'dist/cli/xbarflow.cjs');
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: root, maxBuffer: 1 << 28 });
}

describe('run', () => {
  it('--out writes result.json, layers.csv, energy.csv and, where asked for, timeline.json', () => {
    const out = join(folder, 'out');
    const { status, stdout } = xbarflow([
      'run',
      'a3-shared',
      '--set',
      'workload.iterations=2',
      '--timeline',
      '--out',
      out,
      '--format',
      'csv',
    ]);
    expect(status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      expect.arrayContaining(['energy.csv', 'layers.csv', 'result.json', 'timeline.json']),
    );
    expect(readdirSync(out).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(join(out, 'layers.csv'), 'utf8')).toBe(stdout);
    const timeline = JSON.parse(readFileSync(join(out, 'timeline.json'), 'utf8')) as {
      traceEvents: { ph: string; ts: number; dur: number; pid: number; tid: number }[];
    };
    const lanes = new Map<string, { ts: number; dur: number }[]>();
    for (const event of timeline.traceEvents.filter(({ ph }) => ph === 'X')) {
      const lane = `${event.pid}/${event.tid}`;
      lanes.set(lane, [...(lanes.get(lane) ?? []), event]);
    }
    expect(lanes.size).toBeGreaterThan(10);
    for (const events of lanes.values()) {
      events.sort((a, b) => a.ts - b.ts);
      // Half a tick (1 ps = 1e-6 us) of slack for the division.
      events.slice(1).forEach((event, i) => {
        expect(event.ts).toBeGreaterThanOrEqual(events[i]!.ts + events[i]!.dur - 5e-7);
      });
    }
  });

  it('--out writes the files of a run whose stages pass a shared bus twice', () => {
    const out = join(folder, 'shared-bus');
    const args = 'run digital-int8 --set network=lenet-5 --set links.bus.used=true --set links.bus.shared=true';
    const { status, stderr } = xbarflow([...args.split(' '), '--timeline', '--out', out]);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('failed')]);
    expect(readdirSync(out).sort()).toEqual([
      'energy.csv',
      'layers.csv',
      'report.html',
      'result.json',
      'timeline.json',
    ]);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Stages over time');
    const { traceEvents } = JSON.parse(readFileSync(join(out, 'timeline.json'), 'utf8')) as {
      traceEvents: { cat?: string; args?: { role?: string } }[];
    };
    const roles = traceEvents.flatMap(({ cat, args }) => (cat === 'wave' ? [args?.role] : []));
    expect(new Set(roles)).toEqual(new Set([undefined, 'in', 'out']));
  });
});
