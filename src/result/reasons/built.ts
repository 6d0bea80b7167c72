// What is built: instances of every component by what they serve, area, leakage, tiles and chips, and a full chip at
// peak.

import { knownComponent, type ComponentName } from '../../components/index.js';
import { keysOf } from '../../config/typed.js';
import type { Result } from '../result-types.js';
import { ceiling, number, product, quotient, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import { checked, type Define } from './figure.js';
import type { Leaf } from './leaves.js';
import type { Sources } from './sources.js';

/** Built instances with the key of their figures. */
type Built = Result['instances'][number] & { key: string };

/** Figures of `area`, `instances` and `chips`. */
export function describeBuilt(sources: Sources, leaves: readonly Leaf[], define: Define): void {
  const { result } = sources;
  const keys = leaves
    .filter(({ key }) => key.startsWith('instances.') && key.endsWith('.count'))
    .map(({ key }) => key.slice(0, -'.count'.length));
  const built = result.instances.map((instances, i): Built => ({ ...instances, key: keys[i]! }));
  define('area.totalMm2', 'mm2', 'area of all instances', () =>
    sum(
      'area.totalMm2',
      'mm2',
      sources.figures(keysOf(result.area.byComponentMm2).map((name) => `area.byComponentMm2.${name}`)),
      'all components',
    ),
  );
  for (const name of keysOf(result.area.byComponentMm2)) {
    define(`area.byComponentMm2.${name}`, 'mm2', `area of ${name}`, () =>
      areaOf(
        sources,
        name,
        built.filter(({ component }) => component === name),
        `area.byComponentMm2.${name}`,
      ),
    );
  }
  for (const name of Object.keys(result.area.byLayerMm2)) {
    define(`area.byLayerMm2.${name}`, 'mm2', `area of ${name}`, () => {
      const own = built.filter(({ layer }) => layer === name);
      const components = [...new Set(own.map(({ component }) => component))];
      return sum(
        `area.byLayerMm2.${name}`,
        'mm2',
        components.map((component) =>
          areaOf(
            sources,
            component,
            own.filter((b) => b.component === component),
            component,
          ),
        ),
        'its components',
      );
    });
  }
  for (const [branch, word] of [
    ['leakageByComponentW', 'component'],
    ['leakageByLayerW', 'layer'],
  ] as const) {
    for (const name of Object.keys(result.power[branch])) {
      const key = `power.${branch}.${name}`;
      define(key, 'W', `leakage of ${name}`, () =>
        sum(
          key,
          'W',
          sources.figures(
            built.filter((instances) => instances[word] === name).map((instances) => `${instances.key}.leakageW`),
          ),
          'its instances',
        ),
      );
    }
  }
  built.forEach((instances) => {
    const { key, component, layer, factors } = instances;
    define(`${key}.count`, '', `instances of ${component} for ${layer}`, () =>
      product(
        `${key}.count`,
        '',
        factors.map((factor) => derivationOf(sources, factor, layer)),
        `one per ${scopeOf(sources, component)}`,
      ),
    );
    define(`${key}.areaMm2`, 'mm2', `area of ${component} of ${layer}`, () =>
      product(
        `${key}.areaMm2`,
        'mm2',
        [sources.figure(`${key}.count`), areaOfOne(sources, component)],
        'instances x area of one',
      ),
    );
    define(`${key}.leakageW`, 'W', `leakage of ${component} of ${layer}`, () =>
      product(
        `${key}.leakageW`,
        'W',
        [sources.figure(`${key}.count`), sources.constant(`components.${component}.leakage`)],
        'instances x leakage of one',
      ),
    );
  });
  describeChips(sources, define);
}

const areaOf = (sources: Sources, component: ComponentName, built: readonly Built[], name: string): Derivation =>
  product(
    name,
    'mm2',
    [
      built.length === 1
        ? sources.figure(`${built[0]!.key}.count`)
        : sum('instances', '', sources.figures(built.map(({ key }) => `${key}.count`))),
      areaOfOne(sources, component),
    ],
    'instances x area of one',
  );

/** mm2 of an instance: its constant, or the area of an array's cells. */
export function areaOfOne(sources: Sources, component: ComponentName): Derivation {
  const own = `components.${component}.area`;
  if (sources.hasConstant(own)) return sources.constant(own);
  return product(
    'area of an array',
    'mm2',
    [sources.constant('device.cellArea'), sources.knob('crossbar.rows'), sources.knob('crossbar.columns')],
    'its cells',
  );
}

const scopeOf = (sources: Sources, component: ComponentName): string => {
  const given = sources.setting(`components.${component}.instances.per`);
  return typeof given === 'string' ? given : (knownComponent(component)?.scope ?? 'layer');
};

function describeChips(sources: Sources, define: Define): void {
  const { chips, tiles, cores } = sources.result.chips;
  const has = (key: string): boolean => typeof sources.setting(key) === 'number';
  const inTurns = sources.result.stages.some(({ pass }) => pass === 'W');
  const ofChip = (unit: string): Derivation =>
    ceiling(
      `${unit}s of the chip`,
      '',
      quotient('arrays by arrays of one', '', {
        over: sources.knob('chip.arrays'),
        under: sources.knob(`chip.arraysPer${unit}`),
      }),
    );
  const taken = (unit: string): Derivation =>
    inTurns
      ? ofChip(unit)
      : sum(
          `${unit} that the arrays take`,
          '',
          sources.result.placements.map(({ layer, use }) =>
            ceiling(
              `${layer} ${use}`,
              '',
              quotient('arrays by arrays of one', '', {
                over: sources.figure(`arrays.byLayer.${layer}.${use}.physical`),
                under: sources.knob(`chip.arraysPer${unit}`),
              }),
            ),
          ),
          'each set of arrays starts a new one',
        );
  const tilesTaken = (): Derivation =>
    has('chip.arraysPerTile') ? taken('Tile') : number(1, 'one tile: chip.arraysPerTile is not set');
  const whole = (name: string, derivation: Derivation): Derivation =>
    checked(sources.value(name), derivation, 'as placed on the chip, at least one');
  define('chips.chips', '', 'chips of the design', () =>
    whole(
      'chips.chips',
      inTurns
        ? sources.mapping('chips.chips', 1, 'layers take turns on one chip', 'mapping.overflow')
        : has('chip.tiles')
          ? ceiling(
              'chips.chips',
              '',
              quotient('tiles by tiles of a chip', '', { over: tilesTaken(), under: sources.knob('chip.tiles') }),
            )
          : number(chips, 'one chip: chip.tiles is not set'),
    ),
  );
  define('chips.tiles', '', 'tiles of the design', () =>
    whole(
      'chips.tiles',
      has('chip.tiles')
        ? product(
            'chips.tiles',
            '',
            [sources.figure('chips.chips'), sources.knob('chip.tiles')],
            'whole chips are built',
          )
        : tiles === 1
          ? number(1, 'at least one tile')
          : tilesTaken(),
    ),
  );
  define('chips.cores', '', 'cores of the design', () => {
    if (!has('chip.arraysPerCore')) return number(cores, 'chip.arraysPerCore is not set');
    if (!has('chip.tiles')) return whole('chips.cores', taken('Core'));
    return whole(
      'chips.cores',
      product('chips.cores', '', [
        sources.figure('chips.tiles'),
        quotient('cores of a tile', '', {
          over: sources.knob('chip.arraysPerTile'),
          under: sources.knob('chip.arraysPerCore'),
        }),
      ]),
    );
  });
}
