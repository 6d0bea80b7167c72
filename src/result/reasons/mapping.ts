// The network on the hardware: layers, placements, arrays.

import type { StageName } from '../../machine/machine-types.js';
import type { Placement, Result } from '../result-types.js';
import { ceiling, difference, law, leaf, number, product, quotient, sum, type Derivation } from './derivation.js';
import { checked, type Define } from './figure.js';
import type { Sources } from './sources.js';

const USES = ['forward', 'backward', 'gradient'] as const;
type Use = Placement['use'];

/** Cells of a weight: its bits (those of its codebook's words) by bits of a cell, rounded up. */
export function slicesOf(sources: Sources): Derivation {
  const words =
    sources.setting('weights.codebook') !== 'uniform' && typeof sources.setting('weights.codeWordBits') === 'number';
  return ceiling(
    'cells of a weight',
    '',
    quotient('bits by bits of a cell', '', {
      over: sources.knob(words ? 'weights.codeWordBits' : 'weights.bits'),
      under: sources.knob('crossbar.cellBits'),
    }),
  );
}

/** Cells of a signed weight. */
export const signsOf = (sources: Sources): Derivation =>
  sources.setting('weights.sign') === 'differential'
    ? sources.choice('weights.sign', 2, 'a positive and a negative array')
    : sources.choice('weights.sign', 1, 'one crossbar');

/** Figures of `layers`, `placements` and `arrays`. */
export function describeMapping(sources: Sources, define: Define): void {
  for (const layer of sources.result.layers) describeLayer(sources, layer, define);
  for (const placement of sources.result.placements) describePlacement(sources, placement, define);
  describeArrays(sources, define);
}

function describeLayer(sources: Sources, layer: Result['layers'][number], define: Define): void {
  const { name, type, operationCycles } = layer;
  const key = (word: string): string => `layers.${name}.${word}`;
  const lstm = type === 'lstm';
  const facts: [
    keyof typeof layer & ('rows' | 'columns' | 'groups' | 'positions' | 'weights' | 'biases' | 'neurons'),
    string,
  ][] = [
    [
      'rows',
      lstm
        ? 'inputs and hidden state (and a bias row, where mapped)'
        : 'kernel height x kernel width x input channels / groups (and a bias row, where mapped)',
    ],
    ['columns', lstm ? '4 x hidden size' : 'output channels'],
    ['groups', 'groups of the convolution'],
    ['positions', lstm ? 'time steps' : 'output positions: input vectors of an image'],
    ['weights', 'weights'],
    ['biases', 'biases'],
    ['neurons', 'outputs before pooling, an image'],
  ];
  for (const [word, says] of facts)
    define(key(word), '', `${name}: ${says}`, () =>
      sources.network(name, { name: key(word), value: layer[word], says }),
    );
  define(key('macs'), '', `${name}: multiply-accumulates of an image`, () =>
    checked(
      layer.macs,
      product(
        key('macs'),
        '',
        sources.figures([key('weights'), key('positions')]),
        'each weight meets each input vector',
      ),
      'of the network',
    ),
  );
  define(key('replication'), '', `${name}: copies G of its arrays`, () =>
    sources.mapping(
      key('replication'),
      layer.replication,
      replicationSays(sources),
      sources.setting('digital') === undefined ? 'mapping.replication.scheme' : 'digital.units',
    ),
  );
  define(key('steps'), '', `${name}: steps of its forward pass`, () =>
    stepsOf(sources, key('steps'), { steps: layer.steps, vectors: key('positions'), copies: key('replication') }),
  );
  if (layer.backwardSteps !== null) {
    const own = sources.result.placements.some((p) => p.layer === name && p.use === 'backward');
    define(key('backwardSteps'), '', `${name}: steps of its backward pass`, () =>
      own
        ? stepsOf(sources, key('backwardSteps'), {
            steps: layer.backwardSteps!,
            vectors: `placements.${name}.backward.vectors`,
            copies: `placements.${name}.backward.copies`,
          })
        : stepsOf(sources, key('backwardSteps'), {
            steps: layer.backwardSteps!,
            vectors: key('positions'),
            copies: key('replication'),
          }),
    );
  }
  if (layer.gradientSteps !== null) {
    const own = sources.result.placements.length > 0;
    define(key('gradientSteps'), '', `${name}: steps of its gradient pass`, () =>
      own
        ? stepsOf(sources, key('gradientSteps'), {
            steps: layer.gradientSteps!,
            vectors: `placements.${name}.gradient.vectors`,
            copies: `placements.${name}.gradient.copies`,
          })
        : stepsOf(sources, key('gradientSteps'), {
            steps: layer.gradientSteps!,
            vectors: key('positions'),
            copies: key('replication'),
          }),
    );
  }
  const arrays = (word: 'arrays' | 'physicalArrays', kind: 'logical' | 'physical'): void => {
    define(key(word), '', `${name}: ${kind} arrays of its forward pass`, () =>
      sources.figure(`arrays.byLayer.${name}.forward.${kind}`),
    );
  };
  arrays('arrays', 'logical');
  arrays('physicalArrays', 'physical');
  const stage = sources.result.stages.find((s) => s.pass === 'F' && s.layer === name)!;
  define(key('operationS'), 's', `${name}: one input vector from buffer to buffer`, () =>
    sum(
      key('operationS'),
      's',
      stageUnits(sources, stage.name).map((unit) => sources.figure(`${unit}.latencyS`)),
      'latencies of the units that it passes',
    ),
  );
  if (operationCycles !== null)
    define(key('operationCycles'), 'cycles', `${name}: one input vector in clock cycles`, () =>
      law(
        {
          name: key('operationCycles'),
          unit: 'cycles',
          value: operationCycles,
          says: 'by clock cycles, to a millionth of one',
        },
        [sources.figure(key('operationS')), sources.cycle()],
      ),
    );
}

function stageUnits(sources: Sources, stage: StageName): string[] {
  return [...sources.keys(`stages.${stage}.units.`)]
    .filter((key) => key.endsWith('.latencyS'))
    .map((key) => key.slice(0, -'.latencyS'.length));
}

const stepsOf = (
  sources: Sources,
  key: string,
  { steps, vectors, copies }: { readonly steps: number; readonly vectors: string; readonly copies: string },
): Derivation =>
  checked(
    steps,
    ceiling(
      key,
      '',
      quotient('vectors by copies', '', { over: sources.figure(vectors), under: sources.figure(copies) }),
    ),
    'one after the other',
  );

function replicationSays(sources: Sources): string {
  if (sources.setting('digital') !== undefined) return 'positions that the units take at once';
  switch (sources.setting('mapping.replication.scheme')) {
    case 'given':
      return 'copies given by layer name (mapping.replication.byLayer, otherwise), at most one a position';
    case 'balanced':
      return (
        `positions by mapping.replication.steps (${String(sources.setting('mapping.replication.steps'))}), ` +
        'rounded up'
      );
    default:
      return (
        `copies that mapping.replication.arrays (${String(sources.setting('mapping.replication.arrays'))}) ` +
        `allow by the scheme ${String(sources.setting('mapping.replication.scheme'))}`
      );
  }
}

function describePlacement(sources: Sources, placement: Placement, define: Define): void {
  const { layer, use } = placement;
  const key = (word: string): string => `placements.${layer}.${use}.${word}`;
  const what = `${use} arrays of ${layer}`;
  const fact = (word: 'vectors' | 'rows' | 'columns' | 'groups', says: string): void => {
    define(key(word), '', `${what}: ${says}`, () =>
      use === 'forward' || word === 'groups'
        ? sources.network(layer, { name: key(word), value: placement[word], says })
        : sources.mapping(
            key(word),
            placement[word],
            `${says}, as the ${use} pass arranges them`,
            use === 'gradient' ? 'gradient.mapping' : 'weights.copies',
          ),
    );
  };
  fact('vectors', 'input vectors of an image');
  fact('rows', 'rows of the matrix of a group');
  fact('columns', 'columns of the matrix of a group');
  fact('groups', 'groups');
  define(key('groupsPerArray'), '', `${what}: groups in an array`, () =>
    sources.mapping(
      key('groupsPerArray'),
      placement.groupsPerArray,
      'as many as fit block-diagonally, spread evenly over the arrays',
      'mapping.groups',
    ),
  );
  define(key('groupSets'), '', `${what}: sets of groups that share arrays`, () =>
    ceiling(
      key('groupSets'),
      '',
      quotient('groups by those of an array', '', {
        over: sources.figure(key('groups')),
        under: sources.figure(key('groupsPerArray')),
      }),
    ),
  );
  define(key('copies'), '', `${what}: copies`, () =>
    use === 'gradient'
      ? sources.mapping(
          key('copies'),
          placement.copies,
          'error vectors that go at once (gradient.copies, gradient.steps ' +
            `${String(sources.setting('gradient.steps'))})`,
          'gradient.copies',
        )
      : sources.figure(`layers.${layer}.replication`),
  );
  define(key('sets'), '', `${what}: sets of these copies`, () =>
    use !== 'gradient'
      ? number(1, 'one set')
      : sources.setting('pipeline.enabled') === true
        ? sources.figure('batch', 'every image of a batch has its own')
        : number(1, 'one image at a time'),
  );
  define(key('rowTiles'), '', `${what}: tiles of rows`, () =>
    ceiling(
      key('rowTiles'),
      '',
      quotient('rows by wordlines', '', { over: sources.figure(key('rows')), under: sources.knob('crossbar.rows') }),
    ),
  );
  define(key('columnTiles'), '', `${what}: tiles of columns`, () => {
    const columns =
      sources.setting('weights.slices') === 'columns'
        ? product(
            'physical columns',
            '',
            [sources.figure(key('columns')), slicesOf(sources)],
            'slices stand in neighbouring columns',
          )
        : sources.figure(key('columns'));
    const inside =
      sources.setting('weights.sign') === 'offset' && sources.setting('weights.referenceColumn') === 'inside';
    const lines = inside
      ? difference('bitlines for weights', '', {
          from: sources.knob('crossbar.columns'),
          less: sources.choice('weights.referenceColumn', 1, 'the reference column'),
        })
      : sources.knob('crossbar.columns');
    return ceiling(key('columnTiles'), '', quotient('columns by bitlines', '', { over: columns, under: lines }));
  });
  define(key('arraysPerLogical'), '', `${what}: physical arrays behind a logical one`, () =>
    product(
      key('arraysPerLogical'),
      '',
      [signsOf(sources), ...(sources.setting('weights.slices') === 'arrays' ? [slicesOf(sources)] : [])],
      'signs, and slices that stand in arrays of their own',
    ),
  );
  define(key('cells'), '', `${what}: cells of a copy`, () => {
    const extra =
      sources.setting('weights.sign') === 'offset' && sources.setting('weights.referenceColumn') === 'extra';
    const columns = extra
      ? sum('columns of an array', '', [
          sources.knob('crossbar.columns'),
          sources.choice('weights.referenceColumn', 1, 'the reference column is one more'),
        ])
      : sources.knob('crossbar.columns');
    return product(key('cells'), '', [
      ...sources.figures([key('rowTiles'), key('columnTiles'), key('groupSets'), key('arraysPerLogical')]),
      sources.knob('crossbar.rows'),
      columns,
    ]);
  });
  define(key('weightCells'), '', `${what}: cells of a copy that hold weights`, () =>
    product(key('weightCells'), '', [
      ...sources.figures([key('rows'), key('columns'), key('groups')]),
      slicesOf(sources),
      signsOf(sources),
    ]),
  );
  define(key('programmedCells'), '', `${what}: cells of a copy that are written`, () =>
    placement.programmedCells === placement.weightCells
      ? sources.figure(key('weightCells'))
      : sources.mapping(
          key('programmedCells'),
          placement.programmedCells,
          'cells with weights, and the code of a zero beside the blocks of packed groups',
          'mapping.groups',
        ),
  );
  define(key('informativeCells'), '', `${what}: cells of a copy that hold magnitude`, () =>
    quotient(
      key('informativeCells'),
      '',
      { over: sources.figure(key('weightCells')), under: signsOf(sources) },
      'of a positive and a negative cell one is zero',
    ),
  );
}

function describeArrays(sources: Sources, define: Define): void {
  const { layers, placements, arrays } = sources.result;
  const has = (layer: string, use: Use): boolean => placements.some((p) => p.layer === layer && p.use === use);
  for (const { name } of layers) {
    for (const use of USES) {
      const key = (kind: string): string => `arrays.byLayer.${name}.${use}.${kind}`;
      const place = (word: string): string => `placements.${name}.${use}.${word}`;
      const none = number(0, use === 'backward' ? 'no arrays of its own for this pass' : 'no arrays');
      define(key('logical'), '', `${name}: logical ${use} arrays`, () =>
        has(name, use)
          ? product(
              key('logical'),
              '',
              sources.figures(['copies', 'sets', 'rowTiles', 'columnTiles', 'groupSets'].map(place)),
            )
          : none,
      );
      define(key('physical'), '', `${name}: physical ${use} arrays`, () =>
        has(name, use)
          ? product(key('physical'), '', sources.figures([key('logical'), place('arraysPerLogical')]))
          : none,
      );
    }
  }
  for (const kind of ['logical', 'physical'] as const) {
    define(`arrays.${kind}`, '', `${kind} arrays of the design`, () =>
      sum(
        `arrays.${kind}`,
        '',
        sources.figures(layers.flatMap(({ name }) => USES.map((use) => `arrays.byLayer.${name}.${use}.${kind}`))),
        'all layers and uses',
      ),
    );
  }
  for (const use of USES) {
    define(`arrays.physicalByUse.${use}`, '', `physical ${use} arrays`, () =>
      sum(
        `arrays.physicalByUse.${use}`,
        '',
        sources.figures(layers.map(({ name }) => `arrays.byLayer.${name}.${use}.physical`)),
        'all layers',
      ),
    );
    const sets = use === 'gradient' && sources.setting('pipeline.enabled') === true;
    // Without overlapping images Table 2 counts as many gradient groups as the layer has copies.
    const counted = placements
      .filter((p) => p.use === use)
      .map(
        ({ layer }) =>
          `placements.${layer}.${sets ? 'gradient.sets' : `${use === 'gradient' ? 'forward' : use}.copies`}`,
      );
    const key = `arrays.groups.${use}`;
    define(key, '', `array groups (PipeLayer Table 2): ${use}`, () =>
      placements.length > 0
        ? sum(key, '', sources.figures(counted), sets ? 'sets of all layers' : 'copies of all layers')
        : leaf('mapping', {
            name: key,
            value: arrays.groups[use],
            unit: '',
            says: 'of a digital design: positions that go at once',
          }),
    );
  }
  define('arrays.groups.total', '', 'array groups (PipeLayer Table 2)', () =>
    sum('arrays.groups.total', '', sources.figures(USES.map((use) => `arrays.groups.${use}`))),
  );
}
