// Actions of one service, in terms of the mapping: vectors x tiles x lines x slots, words, bits (docs/model.md sections 3
// and 4).

import type { Placement, Result } from '../simulation/index.js';
import { countedBy, onesFrom, slotsWithOne } from './cells.js';
import {
  agrees,
  ceiling,
  difference,
  law,
  leaf,
  number,
  product,
  quotient,
  sum,
  type Derivation,
} from './derivation.js';
import { columnsOfReference, signsOf, slicesOf } from './mapping.js';
import type { Sources } from './sources.js';

type Action = Result['actions'][number];

/** What a service works on: the placement of its pass, as figures. */
interface Work {
  sources: Sources;
  layer: string;
  /** Figure of the placement. */
  place: (
    word: 'vectors' | 'rows' | 'columns' | 'groups' | 'rowTiles' | 'columnTiles' | 'arraysPerLogical' | 'copies',
  ) => Derivation;
  /** A transposed read: columns are driven, rows are sensed. */
  transposed: boolean;
  /** Actions that the simulation counted for a service. */
  total: number;
}

type Rule = (work: Work) => Derivation;

/**
 * Actions of one service of a pass of a layer: worked out from the mapping where a rule gives the number that was
 * counted, else as the simulation counted them.
 * @param total actions that the simulation counted for a service.
 */
export function ofService(sources: Sources, { component, action, pass, layer }: Action, total: number): Derivation {
  const name = 'actions of a service';
  const says = `${countedBy(sources, component, action)}${onesFrom(sources, component, action)}`;
  const work = workOf(sources, pass, layer, total);
  for (const rule of (work === null ? {} : pass === 'U' ? UPDATE : pass === 'E' || pass === 'X' ? ENDS : RULES)[
    `${component}.${action}`
  ] ?? []) {
    const derivation = rule(work!);
    if (!agrees(derivation.value, total)) continue;
    if (derivation.op === 'figure') return product(name, '', [derivation], says);
    return { ...derivation, name, says: derivation.says === '' ? says : `${derivation.says}; ${says}` };
  }
  return leaf('counted', name, total, '', `counted in the event simulation, ${says}`);
}

function workOf(sources: Sources, pass: string, layer: string, total: number): Work | null {
  if (['U', 'E', 'X'].includes(pass))
    return { sources, layer, place: (word) => number(1, word), transposed: false, total };
  const use = ({ F: 'forward', B: 'backward', G: 'gradient' } as const)[pass];
  if (use === undefined) return null;
  const { placements } = sources.result;
  const has = (wanted: Placement['use']): boolean => placements.some((p) => p.layer === layer && p.use === wanted);
  const transposed = use === 'backward' && !has('backward') && has('forward');
  const from = transposed ? 'forward' : use;
  if (placements.length > 0 && !has(from)) return null;
  // Digital designs place nothing: their vectors and matrices are the network's.
  const digital = { vectors: 'positions', rows: 'rows', columns: 'columns', copies: 'replication' } as const;
  const place: Work['place'] = (word) => {
    if (placements.length > 0) return sources.figure(`placements.${layer}.${from}.${word}`);
    const key = (digital as Partial<Record<typeof word, string>>)[word];
    return key === undefined ? number(1, word) : sources.figure(`layers.${layer}.${key}`);
  };
  return { sources, layer, place, transposed, total };
}

const slots = ({ sources, transposed }: Work): Derivation => {
  const own = ceiling(
    'slots of an input',
    '',
    quotient('bits by bits of a slot', '', sources.knob('inputs.bits'), sources.knob('inputs.bitsPerSlot')),
  );
  return transposed && sources.setting('weights.slices') === 'columns'
    ? product(
        'slots, slice after slice',
        '',
        [own, slicesOf(sources)],
        'slices in neighbouring columns are driven one after the other',
      )
    : own;
};

/** Values that are driven, and results, of a vector. */
const drivenValues = (work: Work): Derivation =>
  product(
    'values that are driven',
    '',
    work.transposed ? [work.place('columns'), work.place('groups')] : [work.place('rows'), work.place('groups')],
  );
const results = (work: Work): Derivation =>
  product(
    'results',
    '',
    work.transposed ? [work.place('rows'), work.place('groups')] : [work.place('columns'), work.place('groups')],
  );
const tilesAcross = (work: Work): Derivation => work.place(work.transposed ? 'rowTiles' : 'columnTiles');
const tilesAlong = (work: Work): Derivation => work.place(work.transposed ? 'columnTiles' : 'rowTiles');

/** Lines that are sensed where a vector passes one tile along its driven lines. */
function sensed(work: Work): Derivation {
  const { sources, place } = work;
  if (work.transposed)
    return product('rows that are sensed', '', [place('rows'), place('groups'), place('arraysPerLogical')]);
  const columns =
    sources.setting('weights.slices') === 'columns'
      ? product('columns of the matrix and its slices', '', [place('columns'), slicesOf(sources)])
      : place('columns');
  const reference = columnsOfReference(sources);
  const lines =
    reference === null
      ? columns
      : sum('columns with the reference of each tile', '', [
          columns,
          product('reference columns', '', [place('columnTiles'), reference]),
        ]);
  return product('columns that are sensed', '', [lines, place('groups'), place('arraysPerLogical')]);
}

const conversions: Rule = (work) =>
  product(
    '',
    '',
    [work.place('vectors'), tilesAlong(work), sensed(work), slots(work)],
    'vectors x tiles along the driven lines x sensed lines x slots',
  );
const settings: Rule = (work) =>
  product(
    '',
    '',
    [work.place('vectors'), drivenValues(work), slots(work), tilesAcross(work), work.place('arraysPerLogical')],
    'vectors x values x slots x arrays that a line runs through',
  );
const arrayReads: Rule = (work) =>
  product(
    '',
    '',
    [
      work.place('vectors'),
      slots(work),
      ...(['rowTiles', 'columnTiles', 'groups', 'arraysPerLogical'] as const).map(work.place),
    ],
    'vectors x slots x arrays of a copy',
  );

/** Lines that carry a one, slot by slot, among those that the drivers of a service apply. */
const ones = (work: Work): Derivation => {
  const driven = product(
    'slots in which lines carry a one',
    '',
    [work.place('vectors'), drivenValues(work), ...slotsWithOne(work.sources)],
    'vectors x values x slots with a one',
  );
  return Number.isInteger(driven.value)
    ? driven
    : law(driven.name, '', Math.round(driven.value), 'to the nearest', [driven]);
};
const slicesInColumns = ({ sources, transposed }: Work): Derivation[] =>
  transposed && sources.setting('weights.slices') === 'columns' ? [slicesOf(sources)] : [];
const drives: Rule = (work) =>
  product(
    '',
    '',
    [ones(work), tilesAcross(work), work.place('arraysPerLogical'), ...slicesInColumns(work)],
    'ones x arrays that a line runs through',
  );
const crossed: Rule = (work) =>
  work.transposed
    ? product(
        '',
        '',
        [ones(work), work.place('rows'), work.place('arraysPerLogical'), ...slicesInColumns(work)],
        'ones x cells that a line crosses',
      )
    : product(
        '',
        '',
        [ones(work), quotient('cells that a line crosses', '', sensed(work), work.place('groups'))],
        'ones x cells that a line crosses',
      );

const words = ({ sources }: Work, name: string, values: Derivation): Derivation =>
  ceiling(
    name,
    '',
    quotient(
      'bits by bits of a word',
      '',
      product('bits', '', [values, sources.knob('inputs.bits')]),
      sources.knob('buffers.wordBits'),
    ),
  );
const inputWords: Rule = (work) =>
  product(
    '',
    '',
    [work.place('vectors'), words(work, 'words of a vector', drivenValues(work))],
    'vectors x words of a vector',
  );
const outputWords: Rule = (work) =>
  product(
    '',
    '',
    [work.place('vectors'), words(work, 'words of its results', results(work))],
    'vectors x words of their results',
  );
/** Positions of an image whose results are stored: all of them, or pooled ones. */
function storedPositions(work: Work): Derivation {
  const { sources, layer } = work;
  const buffer = sources.result.buffers.find(({ kind, layer: own }) => kind === 'neurons' && own === layer);
  if (buffer === undefined) return work.place('vectors');
  if (sources.setting('pipeline.granularity') === 'row')
    return sources.figure(`buffers.${buffer.name}.entriesPerImage`);
  return quotient(
    'positions that are stored',
    '',
    sources.figure(`buffers.${buffer.name}.entryBits`),
    product('bits of a position', 'bit', [results(work), sources.knob('inputs.bits')]),
  );
}
const storedWords: Rule = (work) =>
  product(
    '',
    '',
    [storedPositions(work), words(work, 'words of a position', results(work))],
    'positions that are stored x words of a position',
  );
/** ISAAC's pool reads what the layer wrote, and writes the maxima. */
const withPoolReads: Rule = (work) =>
  sum(
    '',
    '',
    [inputWords(work), words(work, 'words that the pool reads back', perResult(work))],
    'vectors x words of a vector, and what the pool reads back',
  );
const withPoolWrites: Rule = (work) =>
  sum(
    '',
    '',
    [
      outputWords(work),
      words(work, 'words of the maxima', product('maxima', '', [storedPositions(work), results(work)])),
    ],
    'vectors x words of their results, and the maxima',
  );
const perResult: Rule = (work) => product('', '', [work.place('vectors'), results(work)], 'vectors x results');
const less = (tiles: Derivation): Derivation => difference('tiles less one', '', tiles, number(1, 'the first'));

/** Words of a buffer's entry. */
const entryWords = (sources: Sources, name: string): Derivation =>
  ceiling(
    `words of ${name}`,
    '',
    quotient(
      'bits by bits of a word',
      '',
      sources.figure(`buffers.${name}.entryBits`),
      sources.knob('buffers.wordBits'),
    ),
  );

/** Backpropagation reads what the layer before kept for f' and arg-max: its neurons, or masks. */
function withKept(work: Work): Derivation {
  const { sources, layer } = work;
  const { layers, buffers } = sources.result;
  const before = layers[layers.findIndex(({ name }) => name === layer) - 1];
  const kept = buffers.filter(
    (buffer) =>
      buffer.layer === before?.name && buffer.kind === (sources.setting('neurons') === 'kept' ? 'neurons' : 'masks'),
  );
  return sum(
    '',
    '',
    [inputWords(work), ...kept.map(({ name }) => entryWords(sources, name))],
    'vectors x words of an error, and what the layer before kept',
  );
}

/** Where neurons are not kept, masks and indices are stored beside them. */
function withMasks(work: Work): Derivation {
  const { sources, layer } = work;
  return sum(
    '',
    '',
    [
      storedWords(work),
      ...sources.result.buffers
        .filter((buffer) => buffer.kind === 'masks' && buffer.layer === layer)
        .map(({ name }) => entryWords(sources, name)),
    ],
    'words of the results, and of masks and indices',
  );
}

/** A fact of the network that no other figure of the result says. */
const fact =
  (says: string): Rule =>
  ({ sources, layer, total }) =>
    sources.network(layer, 'values of an image', total, says);

const RULES: Record<string, readonly Rule[]> = {
  'crossbar.read': [arrayReads, drives, crossed],
  'spikeDriver.spike': [drives],
  'dac.convert': [settings],
  'adc.convert': [conversions],
  'integrateFire.integrate': [conversions],
  'spinNeuron.fire': [conversions],
  'sampleHold.hold': [conversions],
  'shiftAdd.shift-add': [conversions],
  'shiftAdd.subtract-offset': [
    (work) =>
      product(
        '',
        '',
        [work.place('vectors'), results(work), tilesAlong(work)],
        'vectors x results x tiles along the driven lines',
      ),
  ],
  'shiftAdd.sum-inputs': [
    (work) => product('', '', [work.place('vectors'), drivenValues(work)], 'vectors x driven values'),
  ],
  'verticalAdder.add': [
    (work) =>
      product(
        '',
        '',
        [work.place('vectors'), results(work), less(tilesAlong(work)), signsOf(work.sources)],
        'vectors x results x (tiles along the driven lines - 1) x signs',
      ),
  ],
  'scatterAdder.add': [perResult],
  'gradientAdder.add': [perResult, ({ sources, layer }) => sources.figure(`layers.${layer}.weights`)],
  'activation.subtract': [perResult],
  'activation.lookup': [perResult],
  'pooling.compare': [perResult],
  'pooling.index': [perResult],
  'crossbar.write': [
    (work) =>
      product(
        '',
        '',
        [work.place('rows'), work.place('columns'), work.place('groups'), slicesOf(work.sources), work.place('copies')],
        'values written x cells of a value x copies',
      ),
  ],
  'add.add': [fact('values of residual connections that are added')],
  'buffer.read': [inputWords, withPoolReads, withKept],
  'buffer.write': [outputWords, storedWords, withPoolWrites, withMasks],
  'activation.mask': [perResult, fact("errors of the layer's input")],
  'pooling.route': [perResult, fact("errors of the layer's input")],
  'chipLink.transfer': [
    ({ sources, layer, total }) => {
      const bits = sources.knob('inputs.bits');
      return product(
        '',
        '',
        [
          sources.network(
            layer,
            'values of its inputs',
            total / bits.value,
            'values of an image that come from another chip',
          ),
          bits,
        ],
        'values x bits',
      );
    },
  ],
  'bus.transfer': [
    (work) =>
      product(
        '',
        '',
        [
          work.place('vectors'),
          sum('values of a vector, and of its results', '', [drivenValues(work), results(work)]),
          work.sources.knob('inputs.bits'),
        ],
        'vectors x values in and out x bits',
      ),
  ],
  'router.flit': [
    (work) =>
      product(
        '',
        '',
        [
          work.place('vectors'),
          ceiling(
            'flits of the results',
            '',
            quotient(
              'bits by bits of a flit',
              '',
              product('bits', '', [results(work), work.sources.knob('inputs.bits')]),
              work.sources.knob('links.router.flitBits'),
            ),
          ),
        ],
        'vectors x flits of their results',
      ),
  ],
  'register.access': [
    (work) =>
      product(
        '',
        '',
        [work.place('vectors'), sum('values of a vector, and of its results', '', [drivenValues(work), results(work)])],
        'vectors x values in and out',
      ),
  ],
  'tileRegister.access': [perResult],
  'dispatch.send': [
    (work) =>
      product(
        '',
        '',
        [work.place('vectors'), drivenValues(work), tilesAcross(work), work.place('arraysPerLogical')],
        'vectors x values x arrays that take them',
      ),
  ],
  'controller.issue': [
    ({ sources, layer }) => sources.figure(`layers.${layer}.steps`, 'a wave a step'),
    ({ sources, layer }) => stepsOf(sources, layer, 'backwardSteps'),
    ({ sources, layer }) => stepsOf(sources, layer, 'gradientSteps'),
  ],
  'mac.multiply-accumulate': [({ sources, layer }) => sources.figure(`layers.${layer}.macs`)],
  'mac.shift-add': [({ sources, layer }) => sources.figure(`layers.${layer}.macs`)],
  'mac.l1': [({ sources, layer }) => sources.figure(`layers.${layer}.macs`)],
  'weightMemory.read': [({ sources, layer }) => weightWords(sources, layer)],
};

const stepsOf = (sources: Sources, layer: string, word: 'backwardSteps' | 'gradientSteps'): Derivation => {
  const { [word]: steps } = sources.result.layers.find(({ name }) => name === layer)!;
  return steps === null ? number(0, 'no such pass') : sources.figure(`layers.${layer}.${word}`, 'a wave a step');
};

const weightWords = (sources: Sources, layer: string): Derivation =>
  ceiling(
    `words of ${layer}`,
    '',
    quotient(
      'bits of the weights by bits of a word',
      '',
      product('bits', '', [sources.figure(`layers.${layer}.weights`), sources.knob('weights.bits')]),
      sources.knob('digital.weightWordBits'),
    ),
  );

const overLayers = (sources: Sources, of: (layer: string) => Derivation, says: string): Derivation =>
  sum(
    '',
    '',
    sources.result.layers.map(({ name }) => of(name)),
    says,
  );
const overWeights: Rule = ({ sources }) =>
  overLayers(sources, (layer) => sources.figure(`layers.${layer}.weights`), 'weights of all layers');
const overWeightWords: Rule = ({ sources }) =>
  overLayers(sources, (layer) => weightWords(sources, layer), 'words of all weights');

const ofOutput = ({ sources }: Work): string =>
  sources.result.buffers.find(({ kind, layer }) => kind === 'errors' && layer === sources.result.layers.at(-1)!.name)
    ?.name ?? sources.result.buffers.at(-1)!.name;

/** Output error and perturbation: one value an output, or an input element. */
const ENDS: Record<string, readonly Rule[]> = {
  'activation.subtract': [fact('outputs of the network')],
  'optimizer.update': [fact("elements of the network's input")],
  'buffer.read': [(work) => entryWords(work.sources, ofOutput(work))],
  'buffer.write': [
    (work) => entryWords(work.sources, ofOutput(work)),
    (work) =>
      words(
        work,
        'words of the input',
        product('', '', [fact("elements of the network's input")({ ...work, total: inputElements(work) })]),
      ),
  ],
  'controller.issue': [() => number(1, 'all at once')],
};

const inputElements = ({ sources }: Work): number =>
  Number(sources.result.actions.find(({ component }) => component === 'optimizer')?.count ?? 0) /
  (sources.result.stages.find(({ pass }) => pass === 'X')?.starts ?? 1);

/** An update reads and writes what stands for weights, in all layers. */
const UPDATE: Record<string, readonly Rule[]> = {
  'crossbar.write': [
    ({ sources }) => {
      const placed = sources.result.placements.filter(({ use }) => use !== 'gradient');
      return sum(
        '',
        '',
        placed.map(({ layer, use }) =>
          product(
            `${layer} ${use}`,
            '',
            sources.figures([`placements.${layer}.${use}.weightCells`, `placements.${layer}.${use}.copies`]),
          ),
        ),
        'cells that hold weights x copies',
      );
    },
  ],
  'crossbar.read': [
    ({ sources }) => {
      const per = sources.setting('device.read.per');
      const placed = sources.result.placements.filter(({ use }) => use !== 'gradient');
      const read = (word: string, place: string): Derivation => sources.figure(`placements.${place}.${word}`);
      return sum(
        '',
        '',
        placed.map(({ layer, use }) => {
          const place = `${layer}.${use}`;
          if (per === 'cell') return read('weightCells', place);
          return product(
            `${layer} ${use}`,
            '',
            [per === 'array' ? 'rowTiles' : 'rows', 'groups', 'columnTiles', 'arraysPerLogical'].map((word) =>
              read(word, place),
            ),
          );
        }),
        per === 'cell'
          ? 'cells that hold weights, of one copy'
          : per === 'array'
            ? 'arrays of one copy'
            : 'lines of the arrays of one copy',
      );
    },
  ],
  'controller.issue': [
    ({ sources }) => sources.figure(`stages.${sources.result.stages.find(({ pass }) => pass === 'U')!.name}.waves`),
  ],
  'gradientAdder.read': [overWeights],
  'activation.subtract': [overWeights],
  'weightMemory.read': [overWeightWords],
  'weightMemory.write': [overWeightWords],
};
