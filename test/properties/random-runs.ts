// Random runs for property tests: networks as the network YAML allows them, every knob that changes timing or mapping,
// modes, images, batches.

import fc from 'fast-check';
import { finishRun, type LoadedRun } from '../../src/run-config/index.js';
import { isTree, loadConfig, merge, parseDocument, type Loaded } from '../../src/config/index.js';
import { presetsWith } from '../helpers.js';

/** A step of a random network; sizes are cut to what the map at hand allows. */
const step = fc.record({
  kind: fc.constantFrom(
    'conv',
    'conv',
    'conv',
    'pool',
    'residual',
    'pooled-residual',
    'concat',
    'activation',
    'norm',
    'flatten-concat',
  ),
  channels: fc.integer({ min: 1, max: 6 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 2 }),
  padding: fc.constantFrom<'same' | 'valid' | 0 | 1>('same', 'valid', 0, 1),
  dilation: fc.integer({ min: 1, max: 2 }),
  groups: fc.boolean(),
  bias: fc.boolean(),
  activation: fc.constantFrom('none', 'relu', 'tanh', 'sigmoid'),
  average: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const networkShape = fc.record({
  input: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        channels: fc.integer({ min: 1, max: 4 }),
        height: fc.integer({ min: 1, max: 8 }),
        width: fc.integer({ min: 1, max: 8 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ features: fc.integer({ min: 1, max: 12 }), steps: fc.integer({ min: 1, max: 4 }) }),
    },
  ),
  steps: fc.array(step, { minLength: 0, maxLength: 4 }),
  dense: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 2 }),
  lstm: fc.boolean(),
});

interface MapShape {
  c: number;
  h: number;
  w: number;
}

/** A network file of these steps, as JSON. */
function networkText({
  input,
  steps,
  dense,
  lstm,
}: typeof networkShape extends fc.Arbitrary<infer T> ? T : never): string {
  const layers: Record<string, unknown>[] = [];
  let last = 'input';
  const add = (layer: Record<string, unknown>, from: string | string[] = last): string => {
    const name = `n${layers.length + 1}`;
    layers.push({ ...layer, name, from });
    last = name;
    return name;
  };
  let flat = 'features' in input;
  let map: MapShape =
    'features' in input ? { c: input.features, h: 1, w: 1 } : { c: input.channels, h: input.height, w: input.width };
  const activate = ({ activation }: Step): void => {
    if (activation !== 'none') add({ type: activation });
  };
  const conv = (s: Step, keep: boolean, from?: string): void => {
    const channels = keep ? map.c : s.groups ? 2 * Math.ceil(s.channels / 2) : s.channels;
    const side = Math.min(map.h, map.w);
    const kernel = keep ? (side >= 3 ? 3 : 1) : Math.min(s.kernel, side);
    const dilation = keep || s.dilation * (kernel - 1) + 1 > side ? 1 : s.dilation;
    const stride = keep ? 1 : s.stride;
    const padding = keep ? 'same' : s.padding;
    add(
      {
        type: 'conv2d',
        channels,
        kernel,
        stride,
        padding,
        dilation,
        groups: s.groups && map.c % 2 === 0 && channels % 2 === 0 ? 2 : 1,
        bias: s.bias,
      },
      from,
    );
    const along = (size: number): number =>
      padding === 'same'
        ? Math.ceil(size / stride)
        : Math.floor((size + (padding === 1 ? 2 : 0) - (dilation * (kernel - 1) + 1)) / stride) + 1;
    map = { c: channels, h: along(map.h), w: along(map.w) };
  };
  for (const s of flat ? [] : steps) {
    if (flat) break;
    const start = last;
    switch (s.kind) {
      case 'conv':
        conv(s, false);
        activate(s);
        break;
      case 'pool': {
        const kernel = Math.min(2, map.h, map.w);
        add({ type: s.average ? 'avgpool' : 'maxpool', kernel });
        map = { ...map, h: Math.floor(map.h / kernel), w: Math.floor(map.w / kernel) };
        activate(s);
        break;
      }
      case 'residual': {
        conv(s, true);
        activate(s);
        conv(s, true);
        add({ type: 'add' }, [last, start]);
        activate(s);
        break;
      }
      case 'pooled-residual': {
        if (Math.min(map.h, map.w) < 2) break;
        add({ type: s.average ? 'avgpool' : 'maxpool', kernel: 3, stride: 1, padding: 1 });
        add({ type: 'add' }, [last, start]);
        break;
      }
      case 'concat': {
        const before = map;
        conv(s, true, start);
        const left = last;
        map = before;
        conv({ ...s, groups: false }, true, start);
        add({ type: 'concat' }, [left, last]);
        map = { ...map, c: 2 * before.c };
        break;
      }
      case 'activation':
        activate(s);
        break;
      case 'norm':
        // Machines take a norm into the product that it stands behind.
        if (layers.at(-1)?.type === 'conv2d') add({ type: 'batchnorm' });
        break;
      case 'flatten-concat': {
        conv(s, false);
        activate(s);
        const wide = last;
        const side = Math.min(2, map.h, map.w);
        add({ type: 'maxpool', kernel: side });
        map = { ...map, h: Math.floor(map.h / side), w: Math.floor(map.w / side) };
        conv(s, true);
        // Maps of different size join as vectors.
        add({ type: 'flatten' });
        const narrow = last;
        add({ type: 'flatten' }, wide);
        add({ type: 'concat' }, [narrow, last]);
        flat = true;
        break;
      }
    }
  }
  if ('features' in input && lstm) add({ type: 'lstm', hidden: 5 });
  dense.forEach((features, i) => {
    add({ type: 'dense', features });
    if (i < dense.length - 1) add({ type: 'relu' });
  });
  return JSON.stringify({ name: 'random', input, layers });
}

const ns = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map((t) => `${t} ns`);
/** Latency and, for half of them, a shorter initiation interval. */
const timing = fc
  .record({ latency: fc.integer({ min: 1, max: 60 }), part: fc.option(fc.integer({ min: 1, max: 10 })) })
  .map(({ latency, part }) => ({
    latency: `${latency} ns`,
    ...(part === null ? {} : { interval: `${Math.max(1, Math.floor((latency * part) / 10))} ns` }),
  }));

/** A unit that keeps the pace of the arrays' slots, or of its own steps. */
const pacedTiming = fc.record({ latency: ns(1, 60) });

const knobs = fc.record({
  base: fc.constantFrom(
    'pipelayer',
    'isaac',
    'a3',
    'a3-shared',
    'pipelayer',
    'isaac',
    'digital',
    'lognet',
    'puma',
    'prime',
    'celia',
    'spindle',
  ),
  mode: fc.constantFrom<'inference' | 'training' | 'attack'>('inference', 'training', 'attack'),
  images: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 41, max: 150 }) },
  ),
  iterations: fc.integer({ min: 1, max: 5 }),
  // Small ones repeat batch by batch, those that are longer than the pipeline image by image.
  batch: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10, max: 90 }) },
  ),
  crossbar: fc.record({
    rows: fc.integer({ min: 1, max: 40 }),
    columns: fc.integer({ min: 2, max: 40 }),
    cellBits: fc.integer({ min: 1, max: 2 }),
    writeRows: fc.integer({ min: 1, max: 8 }),
  }),
  weights: fc.record({
    bits: fc.integer({ min: 2, max: 16 }),
    sign: fc.constantFrom('differential', 'offset'),
    referenceColumn: fc.constantFrom('extra', 'inside'),
    offsetSteps: fc.nat(3),
    slices: fc.constantFrom('arrays', 'columns'),
    copies: fc.constantFrom('dedicated', 'shared'),
  }),
  inputs: fc.record({
    bits: fc.integer({ min: 1, max: 16 }),
    bitsPerSlot: fc.integer({ min: 1, max: 4 }),
    density: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  driver: fc.constantFrom('spike', 'dac'),
  biasRow: fc.boolean(),
  adderLevels: fc.constantFrom<'log2' | number>('log2', 'log2', 0, 2),
  replication: fc.constantFrom<Record<string, unknown>>(
    { scheme: 'balanced', steps: 4 },
    { scheme: 'balanced', steps: 1 },
    { scheme: 'budget', arrays: 100_000 },
    { scheme: 'given', byLayer: { 'n*': 3 } },
    { scheme: 'given', byLayer: { n1: 2 }, otherwise: 'one' },
  ),
  gradient: fc.record({
    mapping: fc.constantFrom('unrolled', 'plain'),
    copies: fc.constantFrom<'balanced' | number>('balanced', 1, 5),
    steps: fc.integer({ min: 1, max: 8 }),
    write: fc.constantFrom('overlapped', 'serial'),
  }),
  masks: fc.boolean(),
  sensing: fc.constantFrom<Record<string, unknown>>(
    { kind: 'integrate-fire', columnsPerConverter: 1 },
    { kind: 'adc', bits: 8, columnsPerConverter: 1 },
    { kind: 'adc', bits: 6, columnsPerConverter: 2, rate: '500 MSps' },
  ),
  pooling: fc.constantFrom('register', 'buffered'),
  pipeline: fc.record({
    enabled: fc.boolean(),
    granularity: fc.constantFrom('image', 'row'),
    advance: fc.constantFrom('lockstep', 'elastic'),
    cycle: fc.constantFrom('active', 'fixed'),
  }),
  buffers: fc.record(
    {
      wordBits: fc.integer({ min: 1, max: 40 }),
      portBits: fc.option(fc.integer({ min: 4, max: 64 }), { nil: undefined }),
      entries: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }),
      pooling: fc.constantFrom('before', 'after'),
    },
    { requiredKeys: ['wordBits', 'pooling'] },
  ),
  clock: fc.option(fc.constantFrom('1 GHz', '100 MHz', '250 MHz')),
  bus: fc.record({ used: fc.boolean(), shared: fc.boolean(), bits: fc.integer({ min: 8, max: 128 }) }),
  chip: fc.option(fc.record({ arraysPerTile: fc.integer({ min: 1, max: 9 }), tiles: fc.integer({ min: 1, max: 3 }) })),
  memory: fc.option(
    fc.record({
      rate: fc.constantFrom('1 Gb/s', '15.625 Gb/s', '500 Gb/s'),
      gradients: fc.constantFrom('inside', 'outside'),
    }),
  ),
  units: fc.integer({ min: 1, max: 60 }),
  device: fc.record({ read: ns(1, 60), write: ns(1, 90) }),
  timings: fc.record({
    verticalAdder: pacedTiming,
    activation: timing,
    pooling: timing,
    scatterAdder: timing,
    gradientAdder: timing,
    optimizer: timing,
    bus: timing,
    mac: timing,
    vector: timing,
  }),
  sensingTiming: fc.option(pacedTiming),
  bufferTiming: fc.record({ latency: ns(1, 40), writeLatency: ns(1, 70) }),
});
type Knobs = typeof knobs extends fc.Arbitrary<infer T> ? T : never;

/** Digital units in place of crossbars: added to PipeLayer's pipeline, or a preset of their own. */
export const isDigital = ({ base }: { base: string }): boolean => base === 'digital' || base === 'lognet';
const OUTSIDE = { energy: { read: '1 pJ', write: '2 pJ' }, latency: '20 ns', area: '0 mm2', leakage: '1 uW' };
const DIGITAL = {
  mac: { energy: { 'multiply-accumulate': '1 pJ' }, area: '1 um2', leakage: '1 uW' },
  weightMemory: { energy: { read: '2 pJ', write: '3 pJ' }, area: '1 um2', leakage: '1 nW' },
};

const presets = presetsWith({});
const bases = new Map<string, Loaded>();
function baseOf(name: string): Loaded {
  let base = bases.get(name);
  if (base === undefined) bases.set(name, (base = loadConfig(presets, ['architectures', 'circuits'], name)));
  return base;
}

/** True where the base stores values of a codebook. */
function hasCodebook({ base }: Knobs): boolean {
  const weights = base === 'digital' ? undefined : baseOf(base).tree.weights;
  return isTree(weights) && (weights.codebook ?? 'uniform') !== 'uniform';
}

/** The config that knobs give, in the words of a config file; what does not go together is put right. */
function configTree(k: Knobs, network: string): Record<string, unknown> {
  const digital = isDigital(k);
  // An LSTM's time steps and dense layers run everywhere; rows run inference on crossbars only.
  const row = k.pipeline.granularity === 'row' && k.mode === 'inference' && !digital;
  const { portBits, entries, ...buffers } = k.buffers;
  return {
    network,
    workload: {
      mode: k.mode,
      batch: k.batch,
      ...(k.mode === 'attack' ? { iterations: k.iterations } : { images: k.images }),
    },
    // Words of a codebook are sliced like plain weights.
    crossbar: k.crossbar,
    weights: {
      ...k.weights,
      ...(hasCodebook(k) ? { codeWordBits: k.weights.bits } : {}),
      ...(digital ? { copies: 'dedicated' } : {}),
    },
    inputs: k.inputs,
    driver: { kind: k.driver },
    mapping: { biasRow: k.biasRow, adderLevels: k.adderLevels, replication: { ...k.replication } },
    gradient: k.gradient,
    neurons: k.masks && k.mode !== 'training' ? 'masks' : 'kept',
    sensing: k.sensing,
    pooling: { kind: k.pooling },
    pipeline: { ...k.pipeline, granularity: row ? 'row' : 'image', ...(row || digital ? { advance: 'elastic' } : {}) },
    buffers: {
      ...buffers,
      ...(portBits === undefined ? {} : { portBits }),
      ...(entries === undefined || row ? {} : { entries }),
    },
    chip: { ...(k.clock === null ? {} : { clock: k.clock }), ...(k.chip ?? {}) },
    links: { bus: k.bus, chip: { used: k.chip !== null } },
    ...(k.memory === null ? {} : { memory: { used: true, ...k.memory } }),
    device: { maxBits: 4, read: { latency: k.device.read }, write: { latency: k.device.write } },
    components: {
      ...Object.fromEntries(Object.entries(k.timings).filter(([name]) => digital || name !== 'mac')),
      buffer: k.bufferTiming,
      chipLink: { energy: { transfer: '1 pJ' }, area: '1 um2', leakage: '1 uW' },
      outsideMemory: OUTSIDE,
      ...(k.sensingTiming === null
        ? {}
        : { adc: k.sensingTiming, integrateFire: k.sensingTiming, shiftAdd: k.sensingTiming }),
      ...(k.base === 'digital'
        ? { mac: { ...DIGITAL.mac, ...k.timings.mac }, weightMemory: DIGITAL.weightMemory }
        : {}),
    },
    ...(digital ? { digital: { ...(k.base === 'digital' ? { format: 'int8' } : {}), units: k.units } } : {}),
  };
}

/** Loads the run of these knobs as from a config file that extends the base. */
export function loadRandom(k: Knobs, network: string): LoadedRun {
  const files = presetsWith({ 'random-network.json': network });
  const base = baseOf(k.base === 'digital' ? 'pipelayer' : k.base);
  const over = parseDocument(JSON.stringify(configTree(k, 'random-network.json')), 'random.yaml');
  return finishRun(files, 'random', merge(base, over));
}

export const randomCase = fc.record({ knobs, network: networkShape.map(networkText) });
export type RandomCase = typeof randomCase extends fc.Arbitrary<infer T> ? T : never;
