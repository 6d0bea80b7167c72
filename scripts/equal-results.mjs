// Proves that a change of the code changes no figure: every preset, network and mode, before and after, byte by byte.
//
//     npm run equal -- [BEFORE [AFTER]] [--figures] [--only TEXT] [--part K/N] [--jobs N] [--keep FILE]
//
// BEFORE and AFTER are commits; without AFTER the working tree is compared, without both with the commit at which the
// model got its present version, which is the last that may have changed a figure. `--only` takes the runs whose words
// hold TEXT, `--part 2/3` every third from the second on, so that the work can be done in parts; `--jobs` processes
// (default: one a core) share it. `--keep FILE` writes what each run gave into FILE and, started again, goes on behind
// it; both trees are commits then. `--figures` leaves out notes and verdicts, whose words commits may change without
// another version of the model. Exit status 1 where a result differs. What a later schema adds (ADDED) and how long a
// run took is left out.

import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { commitOf, here, removeTrees, run, sinceLastFigures, treeOf } from './trees.mjs';

/** Keys that results may have gained. */
const ADDED = [
  'actions[].factors',
  'instances[].factors',
  'stages[].wavesOf',
  'rollUp.slot',
  'rollUp.slots',
  'rollUp.components[].factors',
  'rollUp.components[].inSlot',
  'stages[].units[].latency',
  'stages[].units[].interval',
  'constants[].unit',
];
/** Runs beside presets x networks x modes: knobs that no preset turns. */
const VARIANTS = [
  ['pipelayer', ['network=resnet-18', 'gradient.mapping=plain', 'gradient.write=serial']],
  ['pipelayer', ['network=vgg-8', 'pipeline.cycle=fixed']],
  ['pipelayer', ['network=mnist-a', 'pipeline.enabled=false']],
  ['pipelayer', ['network=vgg-8', 'pipeline.advance=elastic', 'buffers.entries=3']],
  ['pipelayer', ['network=vgg-8', 'crossbar.writeRows=3', 'mapping.biasRow=true']],
  ['pipelayer', ['network=mnist-a', 'crossbar.device=stt-multilevel', 'crossbar.cellBits=1']],
  ['pipelayer', ['network=resnet-18', 'mapping.replication.scheme=budget', 'mapping.replication.arrays=4000']],
  ['pipelayer', ['network=resnet-18', 'weights.copies=shared', 'pipeline.advance=elastic']],
  ['a3-shared', ['network=lisa-cnn', 'pipeline.advance=elastic', 'weights.slices=columns', 'workload.mode=attack']],
  ['a3', ['network=gtsrb-cnn', 'workload.mode=attack', 'inputs.bitsPerSlot=3']],
  ['isaac', ['network=vgg-8', 'crossbar.device=pcm-aihwkit']],
  ['isaac', ['network=vgg-8', 'links.chip.rate=25.6 GB/s', 'links.chip.shared=true']],
  ['isaac', ['network=lstm-small', 'weights.referenceColumn=inside']],
  ['isaac', ['network=vgg-8', 'links.bus.used=true', 'links.bus.bits=64', 'buffers.portBits=128']],
  ['isaac', ['network=resnet-18', 'inputs.bitsPerSlot=2', 'crossbar.columns=96']],
  ['digital-int8', ['network=vgg-8', 'workload.mode=training', 'mapping.biasRow=true', 'links.router.used=true']],
];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1/1' },
    figures: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    keep: { type: 'string' },
    // Of a process that does a share of the work: the trees that are built, and which share.
    trees: { type: 'string', multiple: true },
    share: { type: 'string', default: '1/1' },
  },
});

/** Every Nth from the Kth on, of `K/N`. */
function every(list, part) {
  const [k, n] = part.split('/').map(Number);
  if (!(k >= 1 && k <= n)) throw new Error(`${part}: expected K/N with K from 1 to N`);
  return list.filter((_, i) => i % n === k - 1);
}

/** Builds a tree's modules; the list of components is made first where the tree makes it. */
function built(folder) {
  if (existsSync(join(folder, 'scripts/list-components.mjs'))) run(folder, 'node', 'scripts/list-components.mjs');
  run(folder, 'npx', 'tsc', '-p', 'tsconfig.build.json');
  return folder;
}

/** The modules of a build; rooms have moved since the default REF. */
async function buildOf(root) {
  const room = async (...names) => {
    const name = names.find((candidate) => existsSync(join(root, 'dist', candidate)));
    return import(pathToFileURL(join(root, 'dist', name)).href);
  };
  const { loadRun } = await room('run-config/index.js', 'architecture/index.js');
  const { simulate } = await room('simulation/index.js');
  const { diskPresets } = await room('config/files.node.js');
  const { listPresets } = await room('config/index.js');
  return { root, loadRun, simulate, diskPresets, list: (kind) => listPresets(diskPresets, kind) };
}

/** The result of a run, or the message of its refusal. */
function outcome({ root, loadRun, simulate, diskPresets }, [label, sets]) {
  // Places are shown from the present folder.
  process.chdir(root);
  try {
    const result = JSON.parse(JSON.stringify(simulate(loadRun(diskPresets, label, sets)).result));
    // Constants stood in the order in which they were looked up, and now stand in that of their keys.
    result.constants.sort((a, b) => (a.key < b.key ? -1 : 1));
    if (flags.figures) for (const key of ['notes', 'verdict']) delete result[key];
    return { ...result, simulator: null, placeholders: result.placeholders.sort() };
  } catch (error) {
    if (error.name !== 'ConfigError' && error.name !== 'UserError') throw error;
    return { refused: error.message };
  }
}

/** The first keys at which two values differ go to `found`, those that may be added to `added`. */
function differences(was, is, path, { found, added }) {
  if (was === is || found.length > 5) return;
  const general = path.replace(/\[\d+\]/g, '[]');
  if (was === undefined && ADDED.includes(general)) {
    added.add(general);
    return;
  }
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) {
    found.push(`${path}: ${JSON.stringify(was)?.slice(0, 100)} -> ${JSON.stringify(is)?.slice(0, 100)}`);
    return;
  }
  const order = Object.keys(is).filter((key) => key in was);
  if (order.join() !== Object.keys(was).join()) found.push(`${path}: keys ${Object.keys(was)} -> ${Object.keys(is)}`);
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)]))
    differences(was[key], is[key], Array.isArray(is) ? `${path}[${key}]` : path ? `${path}.${key}` : key, {
      found,
      added,
    });
}

/** Presets x networks x modes, the presets of runs, and VARIANTS. */
function runsOf(build) {
  const modes = ['inference', 'training', 'attack'];
  const size = (mode) =>
    mode === 'attack'
      ? ['workload.batch=4', 'workload.iterations=3']
      : ['workload.images=20', ...(mode === 'training' ? ['workload.batch=10'] : [])];
  return [
    ...build
      .list('architectures')
      .flatMap((preset) =>
        build
          .list('networks')
          .flatMap((network) =>
            modes.map((mode) => [preset, [`network=${network}`, `workload.mode=${mode}`, ...size(mode)]]),
          ),
      ),
    ...['runs', 'validation'].flatMap((kind) => build.list(kind)).map((label) => [label, []]),
    ...VARIANTS,
  ];
}

/** The words of a run as one. */
const nameOf = (words) => words.flat().join(' ');

/** Compares a share of the runs on two built trees; hands on what each gave, but for those that were done before. */
async function compare(trees, tell) {
  const [old, own] = await Promise.all(trees.map(buildOf));
  const runs = runsOf(old).filter((words) => nameOf(words).includes(flags.only));
  const done = new Set(keptIn(flags.keep).map(({ run }) => run));
  for (const words of every(every(runs, flags.part), flags.share)) {
    if (done.has(nameOf(words))) continue;
    const [was, is] = [outcome(old, words), outcome(own, words)];
    const [found, added] = [[], new Set()];
    differences(was, is, '', { found, added });
    const gave = found.length > 0 ? 'different' : was.refused === undefined ? 'equal' : 'refused';
    tell({ run: nameOf(words), gave, found, added: [...added] });
  }
}

/** The runs that a file of `--keep` holds, but for a line that was cut off; its first line says what was compared. */
function keptIn(file) {
  if (file === undefined || !existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(1).flatMap(parsed);
}

/** A line's value, as a list; nothing of a line that is none. */
function parsed(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** What `--keep` says first: a file of another comparison is refused. */
function startKeeping(file, before, after) {
  if (after === undefined) throw new Error('--keep: a second commit is needed, since the working tree may change');
  const [from, to] = [before, after].map((commit) => commitOf(commit));
  const head = JSON.stringify({ before: from, after: to, figures: flags.figures });
  if (!existsSync(file)) appendFileSync(file, `${head}\n`);
  const text = readFileSync(file, 'utf8');
  // A line that was cut off stays alone.
  if (!text.endsWith('\n')) appendFileSync(file, '\n');
  const [first] = text.split('\n');
  if (first !== head) throw new Error(`${file}: is of another comparison: ${first}`);
}

/** What processes of their own find, each in a share of the runs, added to what was kept. */
async function shares(trees, jobs) {
  const words = [...trees.flatMap((tree) => ['--trees', tree]), '--only', flags.only, '--part', flags.part];
  if (flags.figures) words.push('--figures');
  if (flags.keep !== undefined) words.push('--keep', resolve(flags.keep));
  const found = keptIn(flags.keep);
  const shareOf = (job) =>
    new Promise((done, fail) => {
      const child = fork(fileURLToPath(import.meta.url), [...words, '--share', `${job + 1}/${jobs}`]);
      child.on('message', (message) => {
        found.push(message);
        if (flags.keep !== undefined) appendFileSync(flags.keep, `${JSON.stringify(message)}\n`);
      });
      child.on('exit', (status) => (status === 0 ? done() : fail(new Error(`share ${job + 1}/${jobs} died`))));
    });
  await Promise.all(Array.from({ length: jobs }, (_, job) => shareOf(job)));
  return found;
}

if (flags.trees !== undefined) await compare(flags.trees, (found) => process.send(found));
else
  try {
    const [before = sinceLastFigures(), after] = positionals;
    if (flags.keep !== undefined) startKeeping(flags.keep, before, after);
    const trees = [built(treeOf(before)), built(after === undefined ? here : treeOf(after))];
    const found = await shares(trees, Number(flags.jobs));
    for (const { run: name, found: keys } of found.filter(({ gave }) => gave === 'different'))
      console.log(`${name}\n  ${keys.join('\n  ')}`);
    const count = (of) => found.filter(({ gave }) => gave === of).length;
    console.log(`${found.length} runs, ${before} against ${after ?? 'the working tree'}:`);
    console.log(
      `${count('equal')} equal, ${count('refused')} refused with the same words, ${count('different')} different`,
    );
    const added = new Set(found.flatMap((one) => one.added));
    if (added.size > 0) console.log(`keys that were added: ${[...added].join(', ')}`);
    if (count('different') > 0 || count('equal') === 0) process.exitCode = 1;
  } finally {
    removeTrees();
  }
