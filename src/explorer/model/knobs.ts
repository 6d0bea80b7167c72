// The knobs of the rail: which keys of a config they set, and the values that their slider steps through. What they
// mean stands in the schema.

import { setOf, type MachineChoice } from './state.js';
import type { KnobsView } from './view.js';

/** A knob of the rail. */
export interface RailKnob {
  name: string;
  /** Keys that get the value, the first is shown. */
  keys: readonly string[];
  /** Values of the slider in order, or of the choice. */
  values: readonly string[];
  kind: 'slider' | 'choice';
  /** What else must be set for the knob to act, where it is. */
  with?: readonly (readonly [key: string, value: string])[];
  unit?: string;
}

const numbers = (...values: number[]): string[] => values.map(String);
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/** The knobs of the design that the rail shows; the search has all others. */
export const RAIL: readonly RailKnob[] = [
  {
    name: 'Array size',
    keys: ['crossbar.rows', 'crossbar.columns'],
    values: numbers(16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024),
    kind: 'slider',
    unit: 'lines',
  },
  { name: 'Cell bits', keys: ['crossbar.cellBits'], values: range(1, 8), kind: 'slider', unit: 'bit' },
  { name: 'Weight bits', keys: ['weights.bits'], values: range(2, 32), kind: 'slider', unit: 'bit' },
  { name: 'Input bits', keys: ['inputs.bits'], values: range(1, 32), kind: 'slider', unit: 'bit' },
  { name: 'Converter bits', keys: ['sensing.bits'], values: range(1, 14), kind: 'slider', unit: 'bit' },
  {
    name: 'Columns a converter',
    keys: ['sensing.columnsPerConverter'],
    values: numbers(1, 2, 4, 8, 16, 32, 64, 128),
    kind: 'slider',
  },
  {
    name: 'Waves a layer',
    keys: ['mapping.replication.steps'],
    values: numbers(1, 4, 9, 16, 25, 49, 64, 100, 144, 196, 256, 400, 576, 784, 1024, 2048, 4096),
    kind: 'slider',
    with: [['mapping.replication.scheme', 'balanced']],
  },
  {
    name: 'Batch',
    keys: ['workload.batch'],
    values: numbers(1, 2, 4, 8, 10, 16, 20, 32, 40, 64, 96, 128, 192, 256),
    kind: 'slider',
    unit: 'images',
  },
  { name: 'Sign', keys: ['weights.sign'], values: ['differential', 'offset'], kind: 'choice' },
  { name: 'Weight copies', keys: ['weights.copies'], values: ['dedicated', 'shared'], kind: 'choice' },
  { name: 'Neurons', keys: ['neurons'], values: ['kept', 'masks'], kind: 'choice' },
  { name: 'Advance', keys: ['pipeline.advance'], values: ['lockstep', 'elastic'], kind: 'choice' },
  { name: 'Cell device', keys: ['crossbar.device'], values: [], kind: 'choice' },
];

/** What setting a knob to a value sets; null leaves it to the base. */
export const setsOf = (knob: RailKnob, value: string | null): (readonly [string, string | null])[] => [
  ...knob.keys.map((key) => [key, value] as const),
  ...(knob.with ?? []).map(([key, own]) => [key, value === null ? null : own] as const),
];

/** The value that a knob has on a machine: as set, else as the view resolved it; null where the design has none. */
export const valueOf = (knob: RailKnob, machine: MachineChoice, view: KnobsView | null): string | null =>
  setOf(machine, knob.keys[0]!) ?? view?.knobs[knob.keys[0]!] ?? null;

/** The slider's position of a value: its own, or of the nearest one below. */
export function positionOf({ values }: RailKnob, value: string | null): number {
  if (value === null) return 0;
  const exact = values.indexOf(value);
  if (exact >= 0) return exact;
  const above = values.findIndex((one) => Number(one) > Number(value));
  return above < 0 ? values.length - 1 : Math.max(0, above - 1);
}
