// Proves that a change of the code changes no figure: every preset, network and mode, before and after, byte by byte.
//
//     node scripts/equal-results.mjs [BEFORE [AFTER]] [--only TEXT] [--part K/N]
//
// BEFORE and AFTER are commits; without AFTER the working tree is compared, without both with the commit before the
// rooms were made. `--only` takes the runs whose words hold TEXT, `--part 2/3` every third from the second on, so that
// several processes share the work. Exit status 1 where a result differs. What a later schema adds (ADDED) and how long
// a run took is left out.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BEFORE_THE_ROOMS, here, removeTrees, run, treeOf } from './trees.mjs';

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
  options: { only: { type: 'string', default: '' }, part: { type: 'string', default: '1/1' } },
});
const [ref = BEFORE_THE_ROOMS, after] = positionals;
const [part, parts] = flags.part.split('/').map(Number);
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

try {
  const old = await buildOf(built(treeOf(ref)));
  const own = await buildOf(after === undefined ? built(here) : built(treeOf(after)));
  const modes = ['inference', 'training', 'attack'];
  const size = (mode) =>
    mode === 'attack'
      ? ['workload.batch=4', 'workload.iterations=3']
      : ['workload.images=20', ...(mode === 'training' ? ['workload.batch=10'] : [])];
  const runs = [
    ...old
      .list('architectures')
      .flatMap((preset) =>
        old
          .list('networks')
          .flatMap((network) =>
            modes.map((mode) => [preset, [`network=${network}`, `workload.mode=${mode}`, ...size(mode)]]),
          ),
      ),
    ...old.list('runs').map((label) => [label, []]),
    ...VARIANTS,
  ]
    .filter((words) => words.flat().join(' ').includes(flags.only))
    .filter((_, i) => i % parts === part - 1);
  const counts = { equal: 0, refused: 0, different: 0 };
  const added = new Set();
  for (const words of runs) {
    const [was, is] = [outcome(old, words), outcome(own, words)];
    const found = [];
    differences(was, is, '', { found, added });
    if (found.length > 0) {
      counts.different++;
      console.log(`${words.flat().join(' ')}\n  ${found.join('\n  ')}`);
    } else counts[was.refused === undefined ? 'equal' : 'refused']++;
  }
  console.log(`${runs.length} runs, ${ref} against ${after ?? 'the working tree'}:`);
  console.log(`${counts.equal} equal, ${counts.refused} refused with the same words, ${counts.different} different`);
  if (added.size > 0) console.log(`keys that were added: ${[...added].join(', ')}`);
  if (counts.different > 0) process.exitCode = 1;
} finally {
  removeTrees();
}
