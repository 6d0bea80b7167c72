import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shareText } from '../../src/result/verdict-facts.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { loaded, resultOf } from '../helpers.js';

/** A run whose limiter follows from how it was built. */
interface Built {
  title: string;
  config: string;
  set: string[];
  /** Codes of time's limits, in order; the first is what limits. */
  codes: string[];
  words: RegExp;
}

const INFERENCE = ['network=vgg-8', 'workload.images=64'];
const ATTACK = ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=10'];
const TRAINING = ['network=mnist-a', 'workload.images=640'];

const BUILT: Built[] = [
  {
    title: 'converter-bound: 128 columns that share a converter of 320 MS/s take 400 ns, a read 100 ns',
    config: 'isaac',
    set: [...INFERENCE, 'sensing.rate=320 MSps'],
    codes: ['converter', 'tie'],
    words: /128 columns that share one take 400 ns a slot, the cells' read 100 ns/,
  },
  {
    title: 'cells and converters alike: ISAAC reads in 100 ns and converts 128 columns at 1.28 GS/s (Sec. V)',
    config: 'isaac',
    set: [...INFERENCE, 'links.chip.used=false'],
    codes: ['cell-read-and-converter', 'tie', 'fill'],
    words: /16 slots of 100 ns, as long as a read of the cells and the conversions of its lines alike/,
  },
  {
    title: "cell-bound: PipeLayer's spikes of 29.31 ns (Sec. 6.2), no converter that could wait",
    config: 'pipelayer',
    set: ['network=vgg-a', 'workload.mode=inference'],
    codes: ['tie', 'cell-read', 'fill'],
    words: /16 slots of 29.31 ns, the cells' read/,
  },
  {
    title: 'write-bound: 128 row writes of 10 ms a batch beside logical cycles of microseconds',
    config: 'pipelayer',
    set: [...TRAINING, 'device.write.latency=10 ms'],
    codes: ['write'],
    words: /^the weight updates between batches, 128 row writes an array \(99\.\d % of the run\)/,
  },
  {
    title: 'write-bound: gradient arrays are written row by row, 10 us each, before the error streams through',
    config: 'pipelayer',
    set: ['network=vgg-a', 'workload.images=64', 'device.write.latency=10 us', 'gradient.write=serial'],
    codes: ['write', 'tie'],
    words: /writing cells of conv4_2 before they are read/,
  },
  {
    title: 'link-bound: a bus of 32 bits',
    config: 'spindle',
    set: [...INFERENCE, 'links.bus.bits=32'],
    codes: ['link', 'one-stage'],
    words: /the bus, \d+ ns a wave/,
  },
  {
    title: 'buffer-bound: a port of 64 bits for waves of 512 copies',
    config: 'puma',
    set: [...INFERENCE, 'buffers.portBits=64'],
    codes: ['buffer', 'one-stage'],
    words: /the buffer's read, [\d.]+ us a wave/,
  },
  {
    title: 'buffer-bound: one entry between stages that are equally long, so each waits for the next',
    config: 'prime',
    set: [...INFERENCE, 'buffers.entries=1'],
    codes: ['buffer-room'],
    words: /^waits for room in the buffers behind the stages, [\d.]+ us in all/,
  },
  {
    title: 'one slow stage: conv2 of LISA-CNN meets its padded error at 256 positions on one copy',
    config: 'pipelayer',
    set: ATTACK,
    codes: ['one-stage', 'cell-read'],
    words: /B2 \(conv2\) alone: 256 waves an image, 1\.5 times as busy as the next, B1 \(conv1\)/,
  },
  {
    title: 'shared arrays: F and B of a layer take turns (docs/model.md section 5)',
    config: 'a3-shared',
    set: ATTACK,
    codes: ['shared', 'cell-read'],
    words: /B1 \(conv1\), F1 \(conv1\) in turns on the arrays of conv1/,
  },
  {
    title: 'fill-bound: two images through eight stages',
    config: 'isaac',
    set: ['network=vgg-8', 'workload.images=2', 'links.chip.used=false'],
    codes: ['fill'],
    words: /^filling and draining, 2 images through 8 stages \(80 % of the run\)/,
  },
  {
    title: 'unit-bound: one array of units for all layers',
    config: 'digital-int8',
    set: INFERENCE,
    codes: ['units'],
    words: /16,384 multiply-accumulate units for all layers/,
  },
  {
    title: 'unit-bound: units beside the arrays for the products of attention',
    config: 'isaac',
    set: ['network=vit-s-16', 'workload.mode=inference', 'dynamic.units=64'],
    codes: ['units'],
    words: /^64 multiply-accumulate units for all products of two activations \(/,
  },
  {
    title: 'unpipelined: two layers of equal steps, an image enters when the one before it has left',
    config: 'pipelayer',
    set: ['network=mnist-a', 'workload.mode=inference', 'pipeline.enabled=false'],
    codes: ['tie', 'cell-read', 'unpipelined'],
    words: /images that enter one after the other has left/,
  },
];

const timeCodes = ({ verdict }: Result): string[] =>
  verdict.limits.filter(({ of }) => of === 'time').map(({ code }) => code);

describe('what sets the time of designs whose limiter is known by construction', () => {
  it.each(BUILT)('$title', ({ config, set, codes, words }) => {
    const result = resultOf(config, set);
    expect(timeCodes(result).slice(0, codes.length)).toEqual(codes);
    expect(result.verdict.timeSetBy).toMatch(words);
    expect(result.verdict.idealS).toBeGreaterThan(0);
    expect(result.verdict.idealS).toBeLessThanOrEqual(result.time.totalS * (1 + 1e-9));
  });

  it.each(BUILT)('the first command that it names runs and is faster: $title', ({ config, set }) => {
    const result = resultOf(config, set);
    const [first] = result.verdict.next;
    expect(first).toBeDefined();
    for (const one of set) expect(`${first!.command} `).toMatch(new RegExp(`${one.split('=')[0]!}=`));
    const tried = resultOf(config, [...set, ...first!.set]);
    expect(tried.time.perImageS).toBeLessThan(result.time.perImageS);
  });
});

describe('a command to try next', () => {
  /** Its words, as a shell takes them apart. */
  const wordsOf = (command: string): string[] =>
    execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
  const files = {
    '/sp ace/it\'s "q".yaml': 'extends: pipelayer\n',
    "/it's $HOME.yaml": 'name: chain\ninput: { features: 16 }\nlayers: [{ name: fc1, type: dense, features: 16 }]\n',
  };
  const label = '/sp ace/it\'s "q".yaml';
  const network = "network=/it's $HOME.yaml";

  it('is taken by a shell as the run was: its label, a mapping once and before one of its keys, the shapes', () => {
    const sets = [
      'crossbar={rows: 64, columns: 256, cellBits: 2}',
      'crossbar.rows=32',
      network,
      'workload={mode: inference}',
    ];
    const run = loaded(label, sets, files);
    const { result } = simulate({ ...run, shapes: new Map([['batch', 2]]) });
    expect(result.verdict.next.length).toBeGreaterThan(0);
    for (const { command, set } of result.verdict.next) {
      const [program, name, config, ...flags] = wordsOf(command);
      expect([program, name, config]).toEqual(['xbarflow', 'run', label]);
      const pairs = flags.flatMap((flag, i) => (i % 2 === 0 ? [[flag, flags[i + 1]!] as const] : []));
      expect(pairs.at(-1)).toEqual(['--shape', 'batch=2']);
      const overrides = pairs.slice(0, -1).map(([flag, value]) => (flag === '--set' ? value : flag));
      expect(overrides.slice(-set.length)).toEqual(set);
      const given = overrides.slice(0, -set.length);
      expect(given.filter((one) => one === sets[0])).toHaveLength(1);
      expect(given).toContain(network);
      // What the command runs is the run with the advice on top.
      const { crossbar, workload } = loaded(label, overrides, files).config;
      const expected = loaded(label, [...sets, ...set], files).config;
      expect([crossbar, workload]).toEqual([expected.crossbar, expected.workload]);
    }
  });
});

describe('the ideal', () => {
  it("is the busiest stage's time: PipeLayer VGG-D inference, 64 images of 49 waves of 16 slots, and the end", () => {
    const { verdict, time } = resultOf('pipelayer', ['network=vgg-d', 'workload.mode=inference']);
    // 49 waves of 16 x 29.31 ns, and through the chain once: read, sense, join, 6 levels, activate, pool, write.
    const serviceS = 49 * 16 * 29.31e-9 + (29.31 * 3 + 6 + 1 + 1 + 50.88) * 1e-9;
    expect(verdict.idealS).toBeCloseTo(64 * serviceS, 12);
    expect(verdict.idealShare).toBeCloseTo((64 * serviceS) / time.totalS, 9);
  });

  it('is nearer the more images follow each other', () => {
    const share = (images: number): number =>
      resultOf('pipelayer', ['network=vgg-a', 'workload.mode=inference', `workload.images=${images}`]).verdict
        .idealShare;
    expect(share(10)).toBeLessThan(share(100));
    expect(share(100)).toBeLessThan(share(10_000));
    expect(share(10_000)).toBeGreaterThan(0.99);
  });

  it("of ISAAC's arrays is their share of a full chip's peak", () => {
    const { verdict, rollUp, arrays, throughput } = resultOf('isaac', INFERENCE);
    expect(verdict.peak!.gops).toBeCloseTo((rollUp!.peakGops * arrays.physical) / (168 * 96), 3);
    expect(verdict.peak!.gopsShare).toBeCloseTo(throughput.gops / verdict.peak!.gops, 12);
    expect(verdict.peak!.gopsShare).toBeLessThanOrEqual(1);
  });
});

describe('where energy and area go', () => {
  it('names what idles before its component', () => {
    expect(resultOf('isaac', INFERENCE).verdict.energyGoesTo).toMatch(/, idle adc \d+ %/);
  });

  it('tells writes from reads: PipeLayer training writes', () => {
    const { verdict, energy, actions } = resultOf('pipelayer', TRAINING);
    const written = actions.filter(({ action }) => action === 'write').reduce((sum, { energyJ }) => sum + energyJ, 0);
    expect(verdict.energyGoesTo).toContain(`; writes ${shareText(written / energy.totalJ)} in all`);
    expect(verdict.energyGoesTo).toMatch(/^crossbar writes \d+ %/);
    expect(verdict.limits.find(({ of }) => of === 'energy')!.code).toBe('cell-write');
  });

  it('names the one placeholder that an area rests on, and its share', () => {
    const { verdict, area } = resultOf('pipelayer', TRAINING);
    const { key, keyShare } = verdict.assumed.area;
    expect(verdict.areaIs).toContain(`rests on one assumption, ${key!}`);
    const [, component] = /^components\.(\w+)\.area$/.exec(key!)!;
    expect(keyShare).toBeCloseTo(
      new Map<string, number>(Object.entries(area.byComponentMm2)).get(component!)! / area.totalMm2,
      12,
    );
  });

  it('of a design without assumptions in its area says so (ISAAC, Table I)', () => {
    const { verdict } = resultOf('isaac', INFERENCE);
    expect(verdict.assumed.area).toEqual({ share: 0, key: null, keyShare: 0 });
    expect(verdict.areaIs).toContain('no assumption in it');
  });

  it('energy of cells that never rest is that of their reads, which a published power would replace', () => {
    const { verdict, actions, energy, placeholders } = resultOf('celia', INFERENCE);
    const crossbars = actions.filter(({ component, action }) => component === 'crossbar' && action !== 'leakage');
    const share = crossbars.reduce((sum, { energyJ }) => sum + energyJ, 0) / energy.totalJ;
    expect(placeholders).toContain('device.read.energy');
    expect(share).toBeGreaterThan(0.1);
    expect(verdict.assumed.energy.key).toBe('device.read.energy');
    expect(verdict.assumed.energy.keyShare).toBeCloseTo(share, 9);
  });

  it('times: a pool that reads windows back takes the time of its buffer, not that of a pooling unit', () => {
    const { verdict, stages, placeholders } = resultOf('isaac', ['network=lenet-5', 'workload.images=8']);
    expect(stages[0]!.units.map(({ component }) => component)).toContain('pooling');
    expect(placeholders).not.toContain('components.pooling.latency');
    expect(verdict.assumed.time).toEqual({ share: 0, key: null, keyShare: 0 });
  });

  it('times: units that take a slot each rest on the read that sets it, unless conversions are longer', () => {
    // 16 slots, one of integrate&fire and one of shift&add: 18 reads of 10 ns.
    const { verdict, time } = resultOf('pipelayer', [
      ...['network=matrix-128', 'workload.mode=inference', 'workload.images=1'],
      ...['crossbar.device=stt-neurosim', 'crossbar.cellBits=1'],
    ]);
    expect(verdict.assumed.time.key).toBe('device.read.latency');
    expect(verdict.assumed.time.share).toBeCloseTo((18 * 10e-9) / time.totalS, 9);
    // PRIME: 32 columns at 1 GS/s take 32 ns, a read, which is assumed, 22.5 ns.
    const prime = resultOf('prime', INFERENCE);
    expect(prime.placeholders).toContain('device.read.latency');
    expect(prime.verdict.assumed.time.key).not.toBe('device.read.latency');
  });

  it('shares of the limits are shares of the totals', () => {
    for (const config of ['pipelayer', 'isaac', 'digital-int8']) {
      const { verdict, area, energy, actions } = resultOf(config, ['network=vgg-8']);
      const [most] = verdict.limits.filter(({ of }) => of === 'area');
      expect(most!.share).toBeCloseTo(Math.max(...Object.values(area.byComponentMm2)) / area.totalMm2, 12);
      const sums = new Map<string, number>();
      for (const { component, action, energyJ } of actions)
        sums.set(`${component}.${action}`, (sums.get(`${component}.${action}`) ?? 0) + energyJ);
      expect(verdict.limits.find(({ of }) => of === 'energy')!.share).toBeCloseTo(
        Math.max(...sums.values()) / energy.totalJ,
        12,
      );
    }
  });
});

it.each([
  [1, '100 %'],
  [0.9996, '99.9 %'],
  [0.882, '88 %'],
  [0.0312, '3.1 %'],
  [0.0005, 'under 0.1 %'],
  [0, '0 %'],
])('a share of %f reads %s', (share, text) => {
  expect(shareText(share)).toBe(text);
});

it('a run of fewer images than a batch says so', () => {
  const of = (images: number): Result['verdict'] =>
    resultOf('pipelayer', ['network=mnist-0', 'workload.mode=training', `workload.images=${images}`]).verdict;
  expect(of(640).work).toBe('training of mnist-0, 640 images in batches of 64');
  expect(of(1).work).toBe('training of mnist-0, 1 image in one batch');
  expect(
    of(1)
      .limits.map(({ text }) => text)
      .join(),
  ).toContain('filling and draining, 1 a batch through');
  expect(
    of(64)
      .limits.map(({ text }) => text)
      .join(),
  ).toContain('filling and draining, 64 a batch through');
});
