// The config's `components` and `device` trees, made from the component declarations.

import type * as z from 'zod';
import {
  optionalOf,
  choice,
  count,
  fraction,
  list,
  object,
  positive,
  quantity,
  real,
  sourced,
  text,
  type Sourced,
} from '../config/index.js';
import { COMPONENT_NAMES, declarationOf, type ActionName, type ComponentName } from './components.js';
import { INSTANCE_SCOPES, type InstanceScope } from './declare.js';
import { actionEnergy, duration, type Duration } from './quantities.js';
import { recordOf } from '../config/typed.js';

/** Constants of a component as a config gives them: joules of an action, times, mm2 and watts of an instance. */
export interface ComponentParameters {
  energy?: Partial<Record<ActionName, Sourced<number>>> | undefined;
  latency?: Sourced<Duration> | undefined;
  writeLatency?: Sourced<Duration> | undefined;
  interval?: Sourced<Duration> | undefined;
  area?: Sourced<number> | undefined;
  leakage?: Sourced<number> | undefined;
  power?: Sourced<number> | undefined;
  instances?: { per?: InstanceScope | undefined; count?: Sourced<number> | undefined } | undefined;
}

/** The `components` tree of a checked config. */
export type ComponentsConfig = { [C in ComponentName]?: ComponentParameters | undefined };

/** Names of the scopes, as `instances.per` takes them. */
const SCOPES = Object.keys(INSTANCE_SCOPES).filter((name): name is InstanceScope =>
  Object.hasOwn(INSTANCE_SCOPES, name),
);

/** Makes each value once for each key: schemas are dear to make, and components have most of theirs in common. */
function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

const energy = sourced(actionEnergy('Energy of one action'), 'Energy of one action');

const latency = once((what: string) => sourced(duration('From start to result'), what).optional());

const writeLatency = sourced(duration('From start to end of a write'), 'Write latency (storage only)').optional();

const interval = sourced(
  duration('From one start to the next'),
  'Initiation interval, of storage: of reads (default: the latency)',
).optional();

const power = sourced(
  quantity('power', 'Power of one instance that never rests'),
  'Power of an instance that is always busy, as component tables print it; used by the roll-up of peak power only',
).optional();

/** What depends on what an instance serves by default. */
const ofScope = once((scope: InstanceScope) => ({
  area: sourced(quantity('area', 'Area of one instance'), `Area per ${scope}`).optional(),
  leakage: sourced(quantity('power', 'Leakage of one instance'), `Leakage per ${scope}`).optional(),
  power,
  instances: object(
    () => ({
      per: choice(SCOPES, 'What one instance serves').optional(),
      count: sourced(positive('Instances, may be a fraction'), 'Instances for each').optional(),
    }),
    `How many instances there are (default: one per ${scope})`,
  ).optional(),
}));

function componentSchema(name: ComponentName) {
  const { actions, timing, scope, description: what } = declarationOf(name);
  const energies = () =>
    Object.fromEntries(
      Object.entries(actions).map(([action, { description, per }]) => [
        action,
        optionalOf(energy, `Energy of one \`${action}\`: ${description}; one action per ${per}`),
      ]),
    );
  return object(
    () => ({
      energy: object(energies, `Energy of each action of ${name}`).optional(),
      latency: latency(timing === 'read-write' ? 'Read latency' : 'Latency'),
      writeLatency,
      interval,
      ...ofScope(scope),
    }),
    what,
  ).optional();
}

const componentShape = recordOf(COMPONENT_NAMES, componentSchema);

/** Schema of `components`: energy, latency, interval, area and leakage of each component, with sources. */
export const componentsSchema = object(componentShape, 'Constants of the hardware components');

/** A label of non-linearity; NeuroSim's table ends at 9. */
const label = real("NeuroSim's label", { min: -9, max: 9 });

/** Schema of a device file (`configs/devices`) and of the `device` tree of a config. */
export const deviceSchema = object(
  () => ({
    name: text('Name of the device'),
    kind: choice(
      ['reram', 'stt-mram', 'sot-mram', 'pcm', 'fefet', 'flash', 'spin', 'other', 'none'],
      'Technology of the cell, a word of the reports (none: a digital design)',
    ),
    description: text('What the device is').optional(),
    source: text('Where its numbers come from').optional(),
    maxBits: sourced(count('Bits that a cell can hold', { max: 16 }), 'Bits that a cell can hold').optional(),
    read: object(
      () => ({
        latency: sourced(duration('Read of one slot'), 'Read time of one slot'),
        energy: sourced(actionEnergy('One read'), 'Energy of one read'),
        per: choice(
          ['wordline', 'row', 'cell', 'array'],
          'What `energy` covers, for one slot: a driven wordline of an array that carries a one, this row through ' +
            'all arrays beside each other (column tiles), a crossed cell on it, or a whole array',
        ),
      }),
      'Reading',
    ),
    write: object(
      () => ({
        latency: sourced(duration('One programming pulse'), 'Time of one pulse'),
        energy: sourced(actionEnergy('One pulse on a cell'), 'Energy of one pulse on a cell'),
        pulses: sourced(positive('Pulses to reach a level'), 'Pulses of a write (default 1)').optional(),
        sweep: object(
          () => ({
            cycles: sourced(positive('Voltage sweeps to reach a level'), 'Sweeps of a write'),
            pulsesPerCycle: sourced(positive('Pulses of a sweep'), 'Pulses of a sweep'),
          }),
          'Levels reached by voltage sweeps (multi-level STT-MRAM): pulses = cycles x pulses of a cycle; ' +
            'instead of `pulses`',
        ).optional(),
        verifyReads: sourced(
          positive('Reads after each pulse'),
          'Write-verify: reads of the cell after each pulse (default none)',
        ).optional(),
      }),
      'Writing',
    ),
    cellArea: sourced(quantity('area', 'Area of one cell'), 'Area of a cell').optional(),
    levels: sourced(
      list(
        object(
          () => ({
            mean: quantity('resistance', 'Mean', { positive: true }),
            sigma: fraction('Standard deviation / mean'),
          }),
          'A level',
        ),
        'Resistance levels from the lowest on (multi-level STT-MRAM: the parallel state, then the antiparallel family)',
      ),
      'Levels one by one',
    ).optional(),
    drift: object(
      () => ({
        exponent: sourced(positive('nu of ((t + t0) / t0)^-nu', { max: 1 }), 'Drift exponent'),
        reference: sourced(quantity('time', 't0', { positive: true }), 'Reference time t0'),
      }),
      'Drift of the conductance (PCM)',
    ).optional(),
    resistance: object(
      () => ({
        on: sourced(quantity('resistance', 'Lowest resistance', { positive: true }), 'Low-resistance state').optional(),
        off: sourced(
          quantity('resistance', 'Highest resistance', { positive: true }),
          'High-resistance state',
        ).optional(),
      }),
      'Resistance of the states',
    ).optional(),
    readVoltage: sourced(quantity('voltage', 'Read voltage'), 'Read voltage').optional(),
    writeVoltage: sourced(quantity('voltage', 'Write voltage'), 'Write voltage').optional(),
    endurance: sourced(positive('Writes that a cell survives'), 'Rated endurance').optional(),
    update: object(
      () => ({
        states: sourced(count('Pulses from one end to the other', { min: 2 }), 'Pulses over the whole range'),
        potentiation: sourced(label, 'Non-linearity of rising conductance'),
        depression: sourced(label, 'Non-linearity of falling conductance'),
        cycleToCycle: sourced(fraction('Share of the range'), 'Deviation of one pulse, cycle to cycle'),
        deviceToDevice: sourced(real('Labels', { min: 0 }), 'Deviation of the labels, device to device').optional(),
      }),
      'How pulses of an update move the conductance (training.update: device)',
    ).optional(),
    retention: sourced(quantity('time', 'Time a state is kept', { positive: true }), 'Retention').optional(),
  }),
  'A memory cell',
);

/** A checked device: SI units (areas mm2), each constant with its source. */
export type DeviceConfig = z.output<typeof deviceSchema>;
