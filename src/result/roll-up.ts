// What a full chip takes at peak: components x instances, by core, tile and chip.

import type { Config } from '../run-config/index.js';
import type { ComponentName, Constants, InstanceScope } from '../components/index.js';
import { placeMatrix } from '../mapping/index.js';
import { slotsWithOne } from './activity.js';
import { crossbarLayout } from '../machine/crossbar/layout.js';
import { ofArrays } from '../machine/instances.js';
import type { CellArrays } from '../machine/machine-types.js';
import type { RollUp, Tier } from './result-types.js';

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
  config: Config,
  constants: Constants,
  components: readonly ComponentName[],
  { slotTicks, lines }: CellArrays,
): RollUp | null {
  const { chip, crossbar, inputs, weights } = config;
  const { tiles, arraysPerTile, arraysPerCore } = chip;
  if (tiles === undefined || arraysPerTile === undefined) return null;
  const arrays = tiles * arraysPerTile;
  const cores = arrays / (arraysPerCore ?? arraysPerTile);
  const slotS = slotTicks * 1e-12;
  const slots = Math.ceil(inputs.bits / inputs.bitsPerSlot);
  const ones = (crossbar.rows * slotsWithOne(inputs, inputs.density)) / slots;
  const readsPerSlot = { array: 1, wordline: ones, cell: ones * crossbar.columns };
  /** Actions that an array asks of a component in a slot in which it reads. */
  const inSlot: Partial<Record<ComponentName, [action: string, times: number]>> = {
    crossbar: ['read', readsPerSlot[constants.device.read.per]],
    dac: ['convert', lines.driven],
    spikeDriver: ['spike', ones],
    adc: ['convert', lines.sensed],
    sampleHold: ['hold', lines.sensed],
    integrateFire: ['integrate', lines.sensed],
    spinNeuron: ['fire', lines.sensed],
    shiftAdd: ['shift-add', lines.sensed],
  };
  const withoutPower: ComponentName[] = [];
  const peakOf = (component: ComponentName, instances: number): number => {
    const given = constants.power(component);
    if (given !== undefined) return instances * given;
    const slot = inSlot[component];
    const rest = instances * constants.leakage(component);
    if (slot !== undefined) return (arrays * constants.energy(component, slot[0]) * slot[1]) / slotS + rest;
    withoutPower.push(component);
    return rest;
  };
  const ofChip: Partial<Record<InstanceScope, number>> = { core: cores, tile: tiles, chip: 1 };
  const parts = components.flatMap((component) => {
    const { per, count } = constants.instances(component);
    const own = ofArrays(per, arrays, lines) ?? ofChip[per];
    if (own === undefined) return [];
    const instances = own * count;
    return [
      {
        component,
        per,
        instances,
        powerW: peakOf(component, instances),
        areaMm2: instances * constants.area(component, crossbar.rows * crossbar.columns),
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
  const peakGops = ((arrays / matrix.arraysPerLogical) * crossbar.rows * weightsPerArray * 2) / (slots * slotS) / 1e9;
  return {
    core: tier(CORE_SCOPES, cores),
    tile: tier([...CORE_SCOPES, 'tile'], tiles),
    chip: whole,
    arrays,
    peakGops,
    gopsPerW: peakGops / whole.powerW,
    gopsPerMm2: peakGops / whole.areaMm2,
    components: parts,
    withoutPower,
  };
}
