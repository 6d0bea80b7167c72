// The laws that a config can name in place of a constant: `{ law: adc-survey-energy, bits: 8 }`.

import type { Dimension } from '../config/index.js';
import { CELL_LAWS } from './cell-laws.js';
import {
  SURVEY_LEAST_BITS,
  flashOf,
  isaacAdcScale,
  saberiFigures,
  sarArea,
  sarEnergy,
  surveyArea,
  surveyEnergy,
} from './adc.js';
import { DIGITAL_BLOCKS, digitalBlock, scaleArea, scaleEnergy, scaleLeakage } from './digital.js';
import { ROADMAP_BLOCKS, roadmapAccumulator, roadmapBlock, type Roadmap } from './roadmap.js';
import {
  BITS,
  HIGHEST,
  LOWEST,
  NODE,
  RATE,
  READ_VOLTAGE,
  SLOT_BITS,
  num,
  wordOf,
  type Beyond,
  type Law,
  type LawArgument,
  type LawValues,
} from './law.js';
import { PERIPHERY_LAWS } from './periphery-laws.js';
import { MEMORY_KINDS, memoryFigures, type MemoryFigures } from './memory.js';

/** The survey's law below the resolution at which its regression turns. */
const ofSurvey =
  (figure: (bits: number, rate: number, node: number) => number) =>
  (v: LawValues): number | Beyond => {
    const value = figure(num(v, 'bits'), num(v, 'rate'), num(v, 'node'));
    return num(v, 'bits') >= SURVEY_LEAST_BITS
      ? value
      : {
          value,
          beyond: `the survey regression holds from ${SURVEY_LEAST_BITS.toPrecision(2)} bits on; its value there`,
        };
  };

/** As published where nothing says otherwise. */
const ISAAC_BITS: LawArgument = { ...BITS, otherwise: 8 };

/** ISAAC's converter as published, at another resolution. */
const ofIsaac =
  (figure: 'energy' | 'area') =>
  (v: LawValues): number | Beyond => {
    const scale = isaacAdcScale(num(v, 'bits'));
    const value = num(v, 'of') * scale[figure];
    return scale.beyond ? { value, beyond: "ISAAC's ADC is known from 4 to 10 bits; followed beyond" } : value;
  };

/** MNSIM's DAC: what one of a bit has, doubled with every further bit. */
function ofDac(v: LawValues, ofOneBit: number): number | Beyond {
  const value = ofOneBit * 2 ** (num(v, 'bits') - 1);
  return num(v, 'bits') <= 8 ? value : { value, beyond: "MNSIM's DAC is known from 1 to 8 bits; followed beyond" };
}

const SURVEY = "Murmann's ADC survey as regressed by the Accelergy ADC plug-in";
const SABERI = "Accelergy library: ISAAC's ADC scaled after Saberi et al., 2011; 32 nm, 1.2 GS/s";
const CACTI =
  'CACTI 7, 32 nm, one bank, one port, 350 K; energy, area and leakage scaled to the node to first order ' +
  '(supplies: PTM as in DNN+NeuroSim V1.3)';
const ALADDIN =
  "Accelergy's Aladdin library at 40 nm; linear in width (multipliers quadratic), scaled to the node to first " +
  'order (supplies: PTM as in DNN+NeuroSim V1.3)';

const memory = (
  result: Dimension,
  description: string,
  pick: (figures: MemoryFigures, bits: number) => number,
): Law => ({
  description:
    `${description} of an SRAM or eDRAM by size and ` + `width${result === 'time' ? ', at 32 nm' : ', at the node'}`,
  source: CACTI,
  placeholder: false,
  result,
  arguments: {
    kind: {
      description: 'sram (high performance), sram-lstp or edram',
      choice: MEMORY_KINDS,
      from: 'buffers.kind',
    },
    size: { description: 'Capacity', dimension: 'capacity', from: 'buffers.capacity' },
    width: { description: 'Bits of the port, 64 to 256', number: true, from: 'buffers.wordBits' },
    ...(result === 'time' ? {} : { node: { ...NODE, otherwise: '32 nm' } }),
  },
  evaluate: (v) =>
    pick(
      memoryFigures(
        wordOf(v, 'kind', MEMORY_KINDS),
        num(v, 'size'),
        num(v, 'width'),
        result === 'time' ? undefined : num(v, 'node'),
      ),
      num(v, 'size'),
    ),
});

const block = (result: Dimension, key: 'energy' | 'area' | 'leakage'): Law => ({
  description:
    `${key === 'energy' ? 'Energy of one operation' : key === 'area' ? 'Area' : 'Leakage'} of a digital block ` +
    'by width and node',
  source: ALADDIN,
  placeholder: false,
  result,
  arguments: {
    block: { description: DIGITAL_BLOCKS.join(', '), choice: DIGITAL_BLOCKS },
    bits: { description: 'Width', number: true },
    node: NODE,
  },
  evaluate: (v) => digitalBlock(wordOf(v, 'block', DIGITAL_BLOCKS), num(v, 'bits'), num(v, 'node'))[key],
});

const NEUROSIM =
  "NeuroSim V1.4's circuit classes, run alone at 22, 32, 45 and 65 nm, 1 GHz, 300 K; log-log between the nodes";

const ACTIVITY: LawArgument = {
  description:
    'Share of the bits that toggle; left out: as calibrated on silicon (adder 0.15, register 0.5, comparator and ' +
    'max-pool 0.05)',
  share: true,
  optional: true,
};

const onRoadmap = (result: Dimension, key: 'energy' | 'area' | 'leakage'): Law => ({
  description:
    `${key === 'energy' ? 'Energy of one operation' : key === 'area' ? 'Area' : 'Leakage'} of a digital block by ` +
    'width, node and roadmap',
  source: NEUROSIM,
  placeholder: false,
  result,
  arguments: {
    block: {
      description: [...ROADMAP_BLOCKS, 'accumulator'].join(', '),
      choice: [...ROADMAP_BLOCKS, 'accumulator'],
    },
    bits: { description: 'Width (rows of a switch matrix)', number: true },
    node: NODE,
    roadmap: { description: 'lp or hp', choice: ['lp', 'hp'], from: 'chip.roadmap', otherwise: 'lp' },
    ...(key === 'energy' ? { activity: ACTIVITY } : {}),
  },
  evaluate: (v) => {
    const roadmap: Roadmap = v.roadmap === 'hp' ? 'hp' : 'lp';
    const [bits, node] = [num(v, 'bits'), num(v, 'node')];
    const activity = v.activity === undefined ? undefined : num(v, 'activity');
    if (v.block === 'accumulator') return roadmapAccumulator({ bits, activity }, node, roadmap)[key];
    return roadmapBlock(wordOf(v, 'block', ROADMAP_BLOCKS), { bits, activity }, node, roadmap)[key];
  },
});

const scaled = (result: Dimension, scale: (value: number, from: number, to: number) => number, how: string): Law => ({
  description: `A published value at another node: ${how}`,
  source: 'first-order scaling; supply voltages by node: PTM as in DNN+NeuroSim V1.3',
  placeholder: false,
  result,
  arguments: {
    of: { description: 'The published value', dimension: result },
    at: { description: 'Its node', dimension: 'length' },
    node: NODE,
  },
  evaluate: (v) => scale(num(v, 'of'), num(v, 'at'), num(v, 'node')),
});

/** The laws by name. */
export const LAWS: Record<string, Law> = {
  'adc-survey-energy': {
    description: 'Energy of a conversion by resolution, rate and node',
    source: SURVEY,
    placeholder: false,
    result: 'energy',
    arguments: { bits: BITS, rate: RATE, node: NODE },
    evaluate: ofSurvey(surveyEnergy),
  },
  'adc-survey-area': {
    description: 'Area of a converter by resolution, rate and node',
    source: SURVEY,
    placeholder: false,
    result: 'area',
    arguments: { bits: BITS, rate: RATE, node: NODE },
    evaluate: ofSurvey(surveyArea),
  },
  'adc-sar-energy': {
    description: 'Energy of a SAR conversion with the current of its column',
    source: 'DNN+NeuroSim V1.3 (LSTP)',
    placeholder: false,
    result: 'energy',
    arguments: {
      bits: BITS,
      node: NODE,
      on: LOWEST,
      off: HIGHEST,
      rows: { description: 'Cells of a column', number: true, from: 'crossbar.rows', ofLayer: 'rows' },
      density: {
        description: 'Share of them that are driven',
        share: true,
        from: 'inputs.density',
        ofLayer: 'density',
      },
      readVoltage: READ_VOLTAGE,
    },
    // The driven cells of a column in parallel, levels equally likely.
    evaluate: (v) =>
      sarEnergy(
        num(v, 'bits'),
        num(v, 'node'),
        1 / (num(v, 'rows') * num(v, 'density') * ((1 / num(v, 'on') + 1 / num(v, 'off')) / 2)),
        num(v, 'readVoltage'),
      ),
  },
  'adc-sar-area': {
    description: 'Area of a SAR converter by its transistors, 1 to 12 bits',
    source: 'NeuroSim V1.4, run at 22 nm: 124.2 um2 at 5 bits, 180.9 um2 at 8 bits; the line through them',
    placeholder: false,
    result: 'area',
    arguments: { bits: BITS, node: NODE },
    evaluate: (v) => sarArea(num(v, 'bits'), num(v, 'node')),
  },
  'adc-isaac-energy': {
    description: "Energy of a conversion of ISAAC's ADC at another resolution, from its published one at 8 bits",
    source: SABERI,
    placeholder: false,
    result: 'energy',
    arguments: { bits: ISAAC_BITS, of: { description: 'Its energy at 8 bits', dimension: 'energy' } },
    evaluate: ofIsaac('energy'),
  },
  'adc-isaac-power': {
    description: "Power of ISAAC's ADC that never rests at another resolution, from its published one at 8 bits",
    source: SABERI,
    placeholder: false,
    result: 'power',
    arguments: { bits: ISAAC_BITS, of: { description: 'Its power at 8 bits', dimension: 'power' } },
    evaluate: ofIsaac('energy'),
  },
  'adc-isaac-area': {
    description: "Area of ISAAC's ADC at another resolution, from its published one at 8 bits",
    source: SABERI,
    placeholder: false,
    result: 'area',
    arguments: { bits: ISAAC_BITS, of: { description: 'Its area at 8 bits', dimension: 'area' } },
    evaluate: ofIsaac('area'),
  },
  'adc-saberi-energy': {
    description: "Energy of a conversion of ISAAC's ADC at 4 to 10 bits",
    source: SABERI,
    placeholder: false,
    result: 'energy',
    arguments: { bits: BITS },
    evaluate: (v) => saberiFigures(num(v, 'bits')).energy,
  },
  'adc-saberi-area': {
    description: "Area of ISAAC's ADC at 4 to 10 bits",
    source: SABERI,
    placeholder: false,
    result: 'area',
    arguments: { bits: BITS },
    evaluate: (v) => saberiFigures(num(v, 'bits')).area,
  },
  'adc-flash-energy': {
    description: 'Energy of a flash conversion: 2^bits - 1 comparators',
    source: 'definition',
    placeholder: false,
    result: 'energy',
    arguments: { bits: BITS, comparator: { description: 'Energy of one decision', dimension: 'energy' } },
    evaluate: (v) => flashOf(num(v, 'bits'), num(v, 'comparator')),
  },
  'adc-flash-area': {
    description: 'Area of a flash converter: 2^bits - 1 comparators',
    source: 'definition',
    placeholder: false,
    result: 'area',
    arguments: { bits: BITS, comparator: { description: 'Area of one comparator', dimension: 'area' } },
    evaluate: (v) => flashOf(num(v, 'bits'), num(v, 'comparator')),
  },
  ...CELL_LAWS,
  ...PERIPHERY_LAWS,
  'dac-energy': {
    description: 'Energy of a DAC held for one slot: 3.9 uW, doubling with every bit',
    source: 'MNSIM 2.0, 1 to 8 bits',
    placeholder: false,
    result: 'energy',
    arguments: {
      bits: SLOT_BITS,
      time: { description: 'Time of a slot', dimension: 'time', from: 'device.read.latency' },
    },
    evaluate: (v) => ofDac(v, 3.9e-6 * num(v, 'time')),
  },
  'dac-area': {
    description: 'Area of a DAC: 0.166 um2, doubling with every bit',
    source: 'MNSIM 2.0, 1 to 8 bits',
    placeholder: false,
    result: 'area',
    arguments: { bits: SLOT_BITS },
    evaluate: (v) => ofDac(v, 0.166e-6),
  },
  'memory-read-energy': memory('energy', 'Energy of a read', (m) => m.readEnergy),
  'memory-write-energy': memory('energy', 'Energy of a write', (m) => m.writeEnergy),
  'memory-access-time': memory('time', 'Access time', (m) => m.accessTime),
  'memory-leakage': memory('power', 'Leakage', (m) => m.leakage),
  'memory-area': memory('area', 'Area', (m) => m.area),
  'memory-area-per-bit': memory('area', 'Area a bit', (m, bits) => m.area / bits),
  'memory-leakage-per-bit': memory('power', 'Leakage a bit', (m, bits) => m.leakage / bits),
  'digital-energy': block('energy', 'energy'),
  'digital-area': block('area', 'area'),
  'digital-leakage': block('power', 'leakage'),
  'block-energy': onRoadmap('energy', 'energy'),
  'block-area': onRoadmap('area', 'area'),
  'block-leakage': onRoadmap('power', 'leakage'),
  'scaled-energy': scaled('energy', scaleEnergy, 'C V^2, C proportional to the node'),
  'scaled-area': scaled('area', scaleArea, 'the square of the node'),
  'scaled-leakage': scaled('power', scaleLeakage, 'width and supply'),
};

/** What a law gives, with `beyond` outside the range of its source. @throws RangeError where it says nothing. */
export function evaluateLaw(law: Law, values: LawValues): { value: number; beyond?: string } {
  const outcome = law.evaluate(values);
  return typeof outcome === 'number' ? { value: outcome } : outcome;
}
