// Utilization: shares of cells or of digital units, and of their time.

import { product, quotient, sum, type Derivation } from './derivation.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';
import { keysOf } from '../../config/typed.js';

const SHARES = {
  spatial: 'cells that hold weights by cells',
  informative: 'cells that hold magnitude by cells',
  temporal: 'time that an array is busy by the run',
  effective: 'informative x temporal',
} as const;
type Share = keyof typeof SHARES;

/** Figures of `utilization`. */
export function describeUtilization(sources: Sources, define: Define): void {
  const names = sources.result.layers.map(({ name }) => name);
  const digital = sources.setting('digital') !== undefined;
  const share = (key: string, word: Share, layers: readonly string[]): Derivation =>
    (digital ? shareOfUnits : shareOfArrays)(sources, `${key}.${word}`, word, { layers, beside: `${key}.` });
  for (const word of keysOf(SHARES)) {
    define(`utilization.${word}`, '', SHARES[word], () => share('utilization', word, names));
    for (const name of names)
      define(`utilization.byLayer.${name}.${word}`, '', `${name}: ${SHARES[word]}`, () =>
        share(`utilization.byLayer.${name}`, word, [name]),
      );
  }
}

/** Shares of arrays; weights' arrays only (forward, and backward where it has its own). */
function shareOfArrays(
  sources: Sources,
  key: string,
  word: Share,
  { layers, beside }: { readonly layers: readonly string[]; readonly beside: string },
): Derivation {
  if (word === 'effective') return product(key, '', sources.figures([`${beside}informative`, `${beside}temporal`]));
  const placed = sources.result.placements.filter(({ layer, use }) => use !== 'gradient' && layers.includes(layer));
  const cells = (kind: 'cells' | 'weightCells' | 'informativeCells'): Derivation =>
    sum(
      kind,
      '',
      placed.map(({ layer, use }) =>
        product(
          `${layer} ${use}`,
          '',
          sources.figures([`placements.${layer}.${use}.${kind}`, `placements.${layer}.${use}.copies`]),
        ),
      ),
    );
  if (word !== 'temporal')
    return quotient(key, '', {
      over: cells(word === 'spatial' ? 'weightCells' : 'informativeCells'),
      under: cells('cells'),
    });
  const transposed = sources.setting('weights.copies') === 'shared';
  const busy = sources.result.stages
    .filter(({ pass, layer }) => (pass === 'F' || pass === 'B') && layers.includes(layer))
    .map(({ name, pass, layer }) =>
      product(
        `busy array-seconds of ${name}`,
        's',
        sources.figures([
          `stages.${name}.starts`,
          `stages.${name}.waves`,
          `stages.${name}.units.crossbar.intervalS`,
          `arrays.byLayer.${layer}.${pass === 'F' || transposed ? 'forward' : 'backward'}.physical`,
        ]),
      ),
    );
  // Layers that take turns share the chip's arrays.
  const shared = key === 'utilization.temporal' && sources.result.stages.some(({ pass }) => pass === 'W');
  const arrays = shared
    ? sources.figure('poweredOn.crossbar.instances')
    : sum('arrays', '', sources.figures(placed.map(({ layer, use }) => `arrays.byLayer.${layer}.${use}.physical`)));
  return quotient(key, '', {
    over: sum('busy array-seconds', 's', busy, 'services x waves x time of a wave x arrays'),
    under: product('arrays x time', 's', [arrays, sources.figure('time.totalS')]),
  });
}

/** Shares of digital units: operand pairs by units x busy cycles, busy time by the run. */
function shareOfUnits(
  sources: Sources,
  key: string,
  word: Share,
  { layers, beside }: { readonly layers: readonly string[]; readonly beside: string },
): Derivation {
  if (word === 'effective') return product(key, '', sources.figures([`${beside}spatial`, `${beside}temporal`]));
  if (word === 'informative') return sources.figure(`${beside}spatial`);
  const stages = sources.result.stages.filter(({ layer }) => layers.includes(layer));
  const interval = (name: string): string => `stages.${name}.units.mac.intervalS`;
  if (word === 'temporal') {
    const busy = stages.map(({ name }) =>
      product(
        `busy seconds of ${name}`,
        's',
        sources.figures([`stages.${name}.starts`, `stages.${name}.waves`, interval(name)]),
      ),
    );
    return quotient(key, '', {
      over: sum('busy seconds', 's', busy, 'services x waves x time of a wave'),
      under: sources.figure('time.totalS'),
    });
  }
  const cycle = sources.duration(
    sources.hasConstant('components.mac.interval') ? 'components.mac.interval' : 'components.mac.latency',
  );
  const pairs = sum(
    'operand pairs of an image',
    '',
    stages.map(({ layer }) => sources.figure(`layers.${layer}.macs`)),
  );
  const cycles = sum(
    'cycles of an image',
    '',
    stages.map(({ name }) =>
      product(name, '', [
        sources.figure(`stages.${name}.waves`),
        quotient('cycles of a wave', '', { over: sources.figure(interval(name)), under: cycle }),
      ]),
    ),
  );
  return quotient(key, '', {
    over: pairs,
    under: product('units x cycles', '', [cycles, sources.knob('digital.units')]),
  });
}
