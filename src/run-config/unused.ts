// Knobs that a config sets and its run never reads: they are reported, so that nobody takes a figure for their effect.

import { knownComponent } from '../components/index.js';
import { isTree, suggestion, type Origin, type Tree } from '../config/index.js';
import { doneByVector, isOutputSoftmax } from '../workload/graph/index.js';
import type { Network } from '../workload/index.js';
import type { Config } from './config.js';
import { hasCrossbars } from './kinds.js';
import type { LoadedRun } from './load.js';

/** A knob without effect, where it was written, and why. */
export interface UnusedKnob {
  key: string;
  origin: Origin;
  reason: string;
}

/** Why a config does not read a knob (or a group of knobs); null where it does. */
type Rule = (config: Config, network: Network) => string | null;

const only =
  (reads: (config: Config, network: Network) => boolean, reason: string): Rule =>
  (config, network) =>
    reads(config, network) ? null : reason;

const training = only(({ workload }) => workload.mode === 'training', 'only training reads it');
const backpropagation = only(({ workload }) => workload.mode !== 'inference', 'inference has no backpropagation');
const crossbars = only(hasCrossbars, 'a digital design has no crossbars');
const offset = only(({ weights }) => weights.sign === 'offset', 'only weights.sign offset reads it');
const attention = only(
  (_, { layers }) => layers.some(({ dynamic }) => dynamic !== null),
  'the network has no product of two activations',
);
const vectors = only(
  (_, { graph, layers }) => layers.some(({ node, nodes }) => [node, ...nodes].some((one) => doneByVector(graph, one))),
  'the network has nothing for a vector unit',
);
const bus = only(({ links }) => links.bus.used, 'links.bus.used is false');
const memory = only((config) => config.memory.used, 'memory.used is false');
const scheme =
  (...schemes: string[]): Rule =>
  ({ mapping: { replication } }) =>
    schemes.includes(replication.scheme)
      ? null
      : `only scheme ${schemes.join(' and ')} read${schemes.length === 1 ? 's' : ''} it, this is ${replication.scheme}`;

/** Rules by key; the first that fits a knob or a group above it and gives a reason counts. */
export const UNUSED: readonly (readonly [key: string, rule: Rule])[] = [
  ['functional', () => 'only functional simulation (evaluate, train, attack) reads it'],
  ['training', () => 'only train reads it'],
  ['attack', () => 'only attack and adversarial training read it'],
  [
    'workload.batch',
    only(
      ({ workload, mapping }) => workload.mode !== 'inference' || mapping.overflow === 'reload',
      'inference has no batches',
    ),
  ],
  ['crossbar', crossbars],
  ['driver', crossbars],
  ['sensing', crossbars],
  [
    'sensing.bits',
    only(
      ({ sensing }) => sensing.kind !== 'integrate-fire',
      'how far a counter counts costs no time or energy here: only evaluate, train and attack read it',
    ),
  ],
  ['gradient', crossbars],
  ['mapping.replication', crossbars],
  ['mapping.adderLevels', crossbars],
  ['mapping.padded', crossbars],
  [
    'mapping.padded',
    only(
      (_, { layers }) =>
        layers.some(({ window: { padBegin, padEnd } }) => [...padBegin, ...padEnd].some((size) => size > 0)),
      'no layer of the network is padded',
    ),
  ],
  ['mapping.groups', crossbars],
  ['mapping.overflow', crossbars],
  ['chip.arrays', crossbars],
  [
    'mapping.groups',
    only((_, { layers }) => layers.some(({ groups }) => groups > 1), 'no layer of the network has groups'),
  ],
  ['weights.sign', crossbars],
  ['weights.slices', crossbars],
  ['weights.sliceReads', crossbars],
  ['pipeline.write', crossbars],
  ['weights.referenceColumn', crossbars],
  ['weights.offsetSteps', crossbars],
  ['inputs.bitsPerSlot', crossbars],
  ['dynamic', attention],
  ['dynamic.units', only(hasCrossbars, 'a digital design has units of its own')],
  ['dynamic.units', only(({ dynamic }) => dynamic.on === 'digital', 'dynamic.on is crossbar')],
  ['vector', vectors],
  [
    'vector.outputSoftmax',
    only(
      (_, { graph }) => graph.nodes.some((node) => isOutputSoftmax(graph, node)),
      'the network does not end in a softmax',
    ),
  ],
  ['weights.referenceColumn', offset],
  ['weights.offsetSteps', offset],
  ['weights.copies', backpropagation],
  [
    'inputs.density',
    only(({ workload }) => workload.trace === undefined, 'the densities of workload.trace stand in its place'),
  ],
  ['mapping.replication.byLayer', scheme('given')],
  ['mapping.replication.otherwise', scheme('given')],
  ['mapping.replication.arrays', scheme('budget', 'strides')],
  ['mapping.replication.steps', scheme('given', 'balanced')],
  [
    'mapping.replication.steps',
    only(
      ({ mapping: { replication } }) => replication.scheme !== 'given' || replication.otherwise === 'balanced',
      'mapping.replication.otherwise is one',
    ),
  ],
  ['gradient', training],
  ['gradient.steps', only(({ gradient }) => gradient.copies === 'balanced', 'gradient.copies is not balanced')],
  ['neurons', backpropagation],
  [
    'digital.errorCycles',
    only(
      ({ digital, workload }) => digital?.operation === 'l1' && workload.mode !== 'inference',
      'only l1 units on the way back read it',
    ),
  ],
  [
    'pipeline.cycle',
    only(({ pipeline }) => pipeline.advance === 'lockstep', 'only pipeline.advance lockstep reads it'),
  ],
  ['links.bus.shared', bus],
  ['links.bus.bits', bus],
  ['links.router.flitBits', only(({ links }) => links.router.used, 'links.router.used is false')],
  ['memory.rate', memory],
  ['memory.gradients', memory],
  ['memory.gradients', training],
];

/** Keys below which a layer's name stands. */
const BY_LAYER = ['mapping.replication.byLayer', 'gradient.copies'];

/**
 * Knobs of a run that have no effect on it, of those that `own` files (or the command line) wrote: presets serve
 * several modes.
 */
export const unusedKnobs = (run: LoadedRun, own: (file: string) => boolean): UnusedKnob[] =>
  unreadKnobs(run, own, unusedBy(run));

/** Knobs that `own` files wrote and that are not read, for a reason that their path has. */
export function unreadKnobs(
  { loaded }: LoadedRun,
  own: (file: string) => boolean,
  reasonOf: (path: readonly string[]) => string | null,
): UnusedKnob[] {
  const unused: UnusedKnob[] = [];
  const walk = (tree: Tree, path: string[]): void => {
    for (const [key, value] of Object.entries(tree)) {
      const at = [...path, key];
      if (isTree(value) && !Object.hasOwn(value, 'value')) {
        walk(value, at);
        continue;
      }
      const origin = loaded.origins.at(at);
      const reason = own(origin.file) ? reasonOf(at) : null;
      if (reason !== null) unused.push({ key: at.join('.'), origin, reason });
    }
  };
  walk(loaded.tree, []);
  return unused;
}

/** Whether a constant is of a component that senses or drives lines, but not for this config. */
function isOfAnotherKind(constant: string, { sensing, driver, ...config }: Config): boolean {
  const [tree, component = ''] = constant.split('.');
  const { senses, drives } = (tree === 'components' ? knownComponent(component) : undefined) ?? {};
  if (senses === undefined && drives === undefined) return false;
  return !hasCrossbars(config) || (senses?.kind !== sensing.kind && drives?.kind !== driver.kind);
}

/** Why a run does not read the knob at a path; null where it does. */
export function unusedBy({ config, network, laws }: LoadedRun): (path: readonly string[]) => string | null {
  const built = [...laws].filter(([key]) => !isOfAnotherKind(key, config));
  const asked = new Set(built.flatMap(([, law]) => law.arguments.map(({ from }) => from)));
  const names = network.layers.map(({ name }) => name);
  return (path) => {
    const key = path.join('.');
    if (asked.has(key)) return null;
    for (const [group, rule] of UNUSED) {
      const reason = key === group || key.startsWith(`${group}.`) ? rule(config, network) : null;
      if (reason !== null) return reason;
    }
    const layer = path.at(-1)!;
    const named = BY_LAYER.includes(path.slice(0, -1).join('.')) && !layer.includes('*') && !names.includes(layer);
    return named ? `${network.name} has no layer "${layer}"${suggestion(layer, names)}` : null;
  };
}
