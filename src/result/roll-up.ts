// What a full chip takes at peak: components x instances, by core, tile and chip.

import { over, times, type ComponentName, type Count, type InstanceScope } from '../components/index.js';
import { placeMatrix } from '../mapping/index.js';
import { factorOf, factorsOf, type FactorScope } from './factors.js';
import { crossbarLayout } from '../machine/crossbar/layout.js';
import { ofArrays } from '../machine/instances.js';
import type { CellArrays, Machine } from '../machine/machine-types.js';
import type { RollUp, Tier } from './result-types.js';
import { workInSlot } from './slot-work.js';

const CORE_SCOPES: readonly InstanceScope[] = ['array', 'wordline', 'bitline', 'converter', 'core'];

/**
 * Rolls up a full chip of `chip.tiles` tiles (ISAAC's Table I, for one): instances x power or area of one. A component
 * without `power` counts with its leakage
 * and, where it works slot by slot with the arrays, with the energy of its slots; components that belong to a layer's
 * copies are not on a chip of their own
 * and are left out. Null where the config says nothing of the chip's size.
 * @param components those that a machine of this config uses. @param slotTicks ticks of a slot.
 */
export function rollUpChip(
  machine: Machine,
  components: readonly ComponentName[],
  { slot, slots, lines }: CellArrays,
): RollUp | null {
  const {
    constants,
    run: { config },
  } = machine;
  const { chip, crossbar, weights } = config;
  const { tiles, arraysPerTile, arraysPerCore } = chip;
  if (tiles === undefined || arraysPerTile === undefined) return null;
  const scope: FactorScope = { machine, layer: 0, use: 'forward', stage: null, buffer: null };
  const arraysOfChip = times({ chipTiles: tiles, arraysPerTile });
  const arrays = arraysOfChip.value;
  const arraysOfCore = arraysPerCore ?? arraysPerTile;
  const cores = arrays / arraysOfCore;
  const slotS = slot.value * 1e-12;
  const inSlot = workInSlot(machine, components, slots, lines);
  const withoutPower: ComponentName[] = [];
  const gatedOf = (component: ComponentName, instances: number): number => {
    const work = inSlot.get(component);
    const rest = instances * constants.leakage(component);
    if (work === undefined) return rest;
    return (arrays * constants.energy(component, work.action) * work.count.value) / slotS + rest;
  };
  const peakOf = (component: ComponentName, instances: number): number => {
    const given = constants.power(component);
    if (given !== undefined) return instances * given;
    if (inSlot.get(component) === undefined) withoutPower.push(component);
    return gatedOf(component, instances);
  };
  const ofChip = (per: InstanceScope, each: Count): Count | undefined => {
    switch (per) {
      case 'core':
        return times({ coresOfChip: over({ chipArrays: arraysOfChip, arraysOfCore }), each });
      case 'tile':
        return times({ chipTiles: tiles, each });
      case 'chip':
        return times({ each });
      default:
        return undefined;
    }
  };
  const parts = components.flatMap((component) => {
    const { per, count: each } = constants.instances(component);
    const count = ofArrays(per, arraysOfChip, lines, each) ?? ofChip(per, each);
    if (count === undefined) return [];
    const instances = count.value;
    const work = inSlot.get(component);
    return [
      {
        component,
        per,
        instances,
        powerW: peakOf(component, instances),
        gatedW: gatedOf(component, instances),
        areaMm2: instances * constants.area(component, crossbar.rows * crossbar.columns),
        factors: factorsOf(count, scope),
        inSlot: work === undefined ? null : { action: work.action, times: factorsOf(work.count, scope) },
      },
    ];
  });
  const tier = (scopes: readonly InstanceScope[], ofThem: number): Tier => {
    const own = parts.filter(({ per }) => scopes.includes(per));
    return {
      powerW: own.reduce((sum, { powerW }) => sum + powerW, 0) / ofThem,
      areaMm2: own.reduce((sum, { areaMm2 }) => sum + areaMm2, 0) / ofThem,
    };
  };
  const matrix = placeMatrix({ rows: crossbar.rows, columns: 1, groups: 1 }, crossbarLayout(config));
  const weightsPerArray =
    weights.slices === 'columns' ? Math.floor(crossbar.columns / matrix.slices) : crossbar.columns;
  const whole = tier([...CORE_SCOPES, 'tile', 'chip'], 1);
  const peakGops =
    ((arrays / matrix.arraysPerLogical) * crossbar.rows * weightsPerArray * 2) / (slots.value * slotS) / 1e9;
  return {
    core: tier(CORE_SCOPES, cores),
    tile: tier([...CORE_SCOPES, 'tile'], tiles),
    chip: whole,
    arrays,
    peakGops,
    gopsPerW: peakGops / whole.powerW,
    gatedGopsPerW: peakGops / parts.reduce((sum, { gatedW }) => sum + gatedW, 0),
    gopsPerMm2: peakGops / whole.areaMm2,
    slot: factorOf('slot', slot, scope),
    slots: factorOf('slots', slots, scope),
    components: parts,
    withoutPower,
  };
}
