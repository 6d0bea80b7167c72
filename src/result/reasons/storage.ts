// What is stored between the passes: buffers, and how long neurons and masks live.

import { product, leaf, quotient, sum, ceiling, number, type Derivation } from './derivation.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';

/** Figures of `storage` and `buffers`. */
export function describeStorage(sources: Sources, define: Define): void {
  const { buffers } = sources.result;
  const of = (kind: string): typeof buffers => buffers.filter((buffer) => buffer.kind === kind);
  const lived = (name: string): string => `buffers.${name}.lifetimeCycles`;
  define('storage.neuronCycles', 'neurons x cycles', 'neurons x logical cycles that they live', () =>
    sum(
      'storage.neuronCycles',
      'neurons x cycles',
      of('neurons').map(({ name, layer }) =>
        product(name, '', sources.figures([`layers.${layer}.neurons`, lived(name)])),
      ),
      'all buffers of neurons',
    ),
  );
  define('storage.maskBitCycles', 'bits x cycles', 'bits of masks and indices x logical cycles that they live', () =>
    sum(
      'storage.maskBitCycles',
      'bits x cycles',
      of('masks').map(({ name }) => product(name, '', sources.figures([`buffers.${name}.entryBits`, lived(name)]))),
      'all buffers of masks',
    ),
  );
  for (const [word, kind] of [
    ['neuronBits', 'neurons'],
    ['maskBits', 'masks'],
    ['errorBits', 'errors'],
  ] as const) {
    const key = `storage.${word}`;
    define(key, 'bit', `capacity of the buffers of ${kind}`, () =>
      sum(
        key,
        'bit',
        of(kind).map(({ name }) =>
          product(name, 'bit', sources.figures([`buffers.${name}.capacityEntries`, `buffers.${name}.entryBits`])),
        ),
        `all buffers of ${kind}`,
      ),
    );
  }
  define('storage.bits', 'bit', 'capacity of all buffers', () =>
    sum('storage.bits', 'bit', sources.figures(['storage.neuronBits', 'storage.maskBits', 'storage.errorBits'])),
  );
  for (const buffer of buffers) describeBuffer(sources, buffer, define);
}

function describeBuffer(sources: Sources, buffer: Sources['result']['buffers'][number], define: Define): void {
  const {
    name,
    kind,
    layer,
    capacityEntries,
    limitEntries,
    entriesPerImage,
    entryBits,
    peakEntries,
    meanEntries,
    lifetimeCycles,
  } = buffer;
  const key = (word: string): string => `buffers.${name}.${word}`;
  const what = `buffer ${name} (${kind} of ${layer})`;
  const rows = sources.setting('pipeline.granularity') === 'row';
  define(key('entryBits'), 'bit', `${what}: an entry`, () =>
    kind === 'masks'
      ? sources.network(layer, {
          name: key('entryBits'),
          value: entryBits,
          says:
            'a bit of the derivative a neuron (all of its bits where the activation is no ReLU), and an index ' +
            'into each window of a max pool',
          unit: 'bit',
        })
      : product(key('entryBits'), 'bit', [
          sources.network(layer, {
            name: 'values of an entry',
            value: entryBits / sources.knob('inputs.bits').value,
            says: rows
              ? 'output channels of a position'
              : kind === 'errors'
                ? 'outputs after pooling'
                : 'outputs, before or after pooling as buffers.pooling says',
          }),
          sources.knob('inputs.bits'),
        ]),
  );
  define(key('capacityEntries'), '', `${what}: entries that are built`, () =>
    capacity(sources, key('capacityEntries'), capacityEntries, rows),
  );
  define(key('entriesPerImage'), '', `${what}: entries that an image fills`, () =>
    rows
      ? sources.network(layer, {
          name: key('entriesPerImage'),
          value: entriesPerImage,
          says:
            'positions of the map, as they are stored ' +
            '(pooled where the maxima are written back or pooling comes first)',
        })
      : number(1, 'an entry an image'),
  );
  define(key('limitEntries'), '', `${what}: entries at which its producer is held up`, () =>
    rows
      ? sources.mapping(
          key('limitEntries'),
          limitEntries,
          `whole waves of ${String(sources.value(`layers.${layer}.replication`))} copies: those that its ` +
            `readers' window touches and those between start and finish of the producer`,
          'pipeline.granularity',
        )
      : sources.figure(key('capacityEntries')),
  );
  const measured = (word: string, value: number, says: string, how: string): void => {
    define(key(word), '', `${what}: ${says}`, () =>
      leaf(word === 'lifetimeCycles' ? 'counted' : 'timed', {
        name: key(word),
        value,
        unit: '',
        says: `${says}: the event simulation takes an entry when its producer starts on it and frees it ${how}`,
      }),
    );
  };
  const freed = rows ? 'when no later wave of a reader needs it' : 'when its last reader is done';
  measured('peakEntries', peakEntries, 'most entries held at once', freed);
  measured('meanEntries', meanEntries, 'entries held on average over time', freed);
  if (lifetimeCycles !== null)
    measured(
      'lifetimeCycles',
      lifetimeCycles,
      "logical cycles from an entry's production to its release, longest",
      freed,
    );
  define(key('peakBytes'), 'B', `${what}: most bytes held at once`, () =>
    ceiling(
      key('peakBytes'),
      'B',
      quotient('bits by 8', 'B', {
        over: product('bits', 'bit', sources.figures([key('peakEntries'), key('entryBits')])),
        under: number(8, 'bits of a byte'),
      }),
    ),
  );
}

function capacity(sources: Sources, key: string, entries: number, rows: boolean): Derivation {
  if (typeof sources.setting('buffers.entries') === 'number' && !rows) return sources.knob('buffers.entries');
  return sources.mapping(
    key,
    entries,
    rows
      ? "positions of its reader's window: (width x (kernel height - 1)) + kernel width, or the whole map for " +
          'several readers'
      : 'logical cycles from its writer to its last reader; doubled where it is read and written in one cycle; ' +
          'one more in an elastic pipeline',
    'pipeline.advance',
  );
}
