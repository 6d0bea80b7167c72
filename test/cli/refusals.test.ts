import { describe, expect, it } from 'vitest';
import { xbarflow } from '../experiment/command.js';

describe('what runs in inference only', () => {
  it.each([
    [
      ['network=lenet-5', 'chip.arrays=100', 'mapping.overflow=reload'],
      '--set mapping.overflow=reload: mapping.overflow: found reload, which runs inference only, but training takes ' +
        'more arrays',
    ],
    [
      ['network=transformer-base', 'dynamic.on=crossbar'],
      '--set dynamic.on=crossbar: dynamic.on: found crossbar, but operator "encoder1_scores" writes operands into ' +
        'arrays in inference only; expected digital for training',
    ],
  ])('%j: exit 2, one line', { timeout: 60_000 }, (sets, message) => {
    const { status, stdout, stderr } = xbarflow(['run', 'pipelayer', ...sets.flatMap((set) => ['--set', set])]);
    expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
  });
});

it.each([
  [['explain'], 'explain: <result> is missing, see xbarflow explain --help'],
  [['query', 'results/sweep'], 'query: <sql> is missing, see xbarflow query --help'],
  [
    ['attack', 'a3'],
    'configs/architectures/a3.yaml:1:1: model.weights: this key is missing: an attack needs a trained network, ' +
      'expected its weights',
  ],
])('%j names what is missing, and a missing key the config that lacks it', (args, message) => {
  const { status, stdout, stderr } = xbarflow(args);
  expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
});

it.each([
  [['run', 'isaac', '--ste', 'a=b'], 'run has no flag --ste; did you mean --set?'],
  [['sweep', 'a3', '--worker=3'], 'sweep has no flag --worker; did you mean --workers?'],
  [['run', 'isaac', '--foo-bar', '--sset', 'a'], 'run has no flag --foo-bar, see xbarflow run --help'],
  [['run', 'isaac', '--no-quite'], 'run has no flag --quite; did you mean --quiet?'],
  [['run', 'isaac', '-o', 'x'], 'run has no flag -o, see xbarflow run --help'],
  [['run', 'isaac', 'prime'], 'run: unexpected argument "prime", see xbarflow run --help'],
])('%j names what a command does not take, and what may have been meant', (args, message) => {
  const { status, stdout, stderr } = xbarflow(args);
  expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
});

it.each([
  [['run', 'isaac', '--set.foo=3'], 'run has no flag --set.foo, see xbarflow run --help'],
  [['run', 'isaac', '--quiet.x=1'], 'run has no flag --quiet.x; did you mean --quiet?'],
  [['run', 'isaac', '--no-set'], '--no-set: expected --set with a value, or nothing'],
  [['compare', 'isaac', '--no-baseline'], '--no-baseline: expected --baseline with a value, or nothing'],
  [['run', 'isaac', '--no-seed'], '--no-seed: expected --seed with a value, or nothing'],
  [['run', 'isaac', '--seed='], '--seed: found "", expected a number'],
  [['run', 'isaac', '--seed', ' '], '--seed: found " ", expected a number'],
  [['run', 'isaac', '--seed', '-1'], '--seed: found -1, expected a whole number from 0'],
  [
    ['compare', 'isaac', '--', 'puma'],
    '--: no word behind it is read; expected flags without it, and ./-name for such a file',
  ],
  [['evaluate', 'isaac', '--figures'], '--figures: they need a folder, expected --out DIR'],
  [['run', 'isaac', '--timeline'], '--timeline: it needs a folder, expected --out DIR'],
  [['train', 'train-digits', '--resume'], '--resume: goes on from what a folder holds, expected --out DIR'],
  [['evaluate', 'isaac', '--record', ''], '--record: found "", expected a file'],
  [['import', '--outputs', 'boxes', 'nosuch.onnx'], 'no file nosuch.onnx'],
  [['run', 'configs/isaac.yaml'], 'no file configs/isaac.yaml; did you mean the preset "isaac"?'],
  [['query', 'package.json', 'select 1'], 'package.json holds no sweep'],
  [
    ['run', 'isaac', '--set', 'test.count=3'],
    '--set test.count=3: test.kind: this key is missing, expected one of idx, cifar10, npz, csv, png, text, digits',
  ],
])('%j: exit 2, one line, in the words that were written', (args, message) => {
  const { status, stdout, stderr } = xbarflow(args);
  expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
});

it('a trace of no such name is told which there are, and times beyond all numbers are no NaN', () => {
  const said = (set: string): string => xbarflow(['run', 'isaac', '--set', set]).stderr;
  expect(said('workload.trace=nosuch')).toMatch(/no trace named "nosuch"; expected recorded-.*, the path of a file\n$/);
  expect(said('chip.clock=1e-300 Hz')).toContain('stage F1 takes endless time for one image');
});

describe('training and attacks refuse what cannot be', () => {
  const device = ['crossbar.device=pcm-neurosim', 'training.update=device'];
  it.each([
    [['training.beta1=1'], 'training.beta1: found 1, expected a number of at least 0 and below 1'],
    [['training.weightDecay=-1'], 'training.weightDecay: found -1, expected a number of at least 0'],
    [
      [...device, 'device.update.depression={ value: -20, source: a test }'],
      'device.update.depression.value: found -20, expected a number from -9 to 9',
    ],
    [
      ['training.gradients=arrays'],
      'training.gradients: found arrays, but training.backend float32 has no integers; expected digital, or ' +
        'integer or crossbar there',
    ],
  ])('%j: exit 2, one line', { timeout: 60_000 }, (sets, message) => {
    const { status, stdout, stderr } = xbarflow(['train', 'train-digits', ...sets.flatMap((set) => ['--set', set])]);
    expect([status, stdout, stderr.trim()]).toEqual([2, '', `--set ${sets.at(-1)!}: ${message}`]);
  });
});

describe('options for sbatch', () => {
  const said = (option: string): [number | null, string] => {
    const flags = ['--executor', 'slurm', '--dry-run', '--quiet', `--sbatch-option=${option}`];
    const { status, stderr } = xbarflow(['sweep', 'array-size', ...flags]);
    return [status, stderr];
  };

  it.each(['--wrap=id', '--wra=id', '--array=1-2', '--arr=1', '-a1', '--output=/x', '-o/x', '--chdir=/', '--help'])(
    "%s: is the sweep's own",
    (option) => {
      expect(said(option)).toEqual([
        2,
        `--sbatch-option: ${option} is none that a sweep leaves to you, expected another\n`,
      ]);
    },
  );

  it.each(['id', '--', '--time 1', '--x=\u0001', '--x=\n--wrap=id', '\u2013\u2013wrap=id'])(
    '%j: is no option',
    (option) => {
      expect(said(option)).toEqual([2, expect.stringMatching(/^--sbatch-option: found [^\n]* in one word[^\n]*\n$/)]);
    },
  );

  it.each(['--time=1:00:00', '-t1', '--mem=4G', '--nice'])('%s: is taken', (option) => {
    expect(said(option)).toEqual([0, '']);
  });
});
