// Training whose weights stand on a config's devices: how they are written, and how arrays of them are read.

import type { Computation } from '../../functional/computation.js';
import { Executor } from '../../functional/execute.js';
import { ParameterStore } from '../../functional/parameter-store.js';
import { columnReads } from '../../functional/training/column-reads.js';
import type { DeviceWriter, DeviceWriterOptions } from '../../functional/training/device-writer.js';
import { failure, type LoadedRun, type TrainingConfig } from '../../run-config/index.js';
import { computationOf, type ComputeKind, type FunctionalModel } from './model.js';

/** Lowest and highest conductance of a run's device, S. @throws ConfigError where it has none */
function conductancesOf(run: LoadedRun): { min: number; max: number } {
  const { resistance } = run.config.device;
  const [on, off] = [resistance?.on?.value, resistance?.off?.value];
  if (on === undefined || off === undefined)
    return failure(run.loaded)(
      ['device', 'resistance'],
      'this key is missing, expected on and off for the range of conductances',
    );
  return { min: 1 / off, max: 1 / on };
}

/** A network whose weights `devices` hold; with roundings of the reads where `training.device` has them. */
export function networkOnDevices(
  run: LoadedRun,
  model: FunctionalModel,
  {
    kind,
    knobs: { device },
    devices,
  }: { readonly kind: ComputeKind; readonly knobs: TrainingConfig; readonly devices: DeviceWriter },
): Computation {
  const { inputBits = null, converterBits = null, scheme } = device;
  const rounded = inputBits !== null || converterBits !== null;
  if ((kind !== 'float32' && kind !== 'float64') || scheme !== 'single' || !rounded)
    return computationOf(run, model, kind);
  const { min, max } = conductancesOf(run);
  const store = new ParameterStore(model.graph, model.parameters, kind);
  const products = columnReads(store, {
    ...{ inputBits, converterBits, floor: min / (max - min) },
    largest: (key) => devices.largestOf(key),
  });
  return new Executor(model.graph, store, { precision: kind, products });
}

/** How weights stand on a config's devices. @throws ConfigError where the device does not say how updates move it */
export function writerOptions(run: LoadedRun, { device: knobs }: TrainingConfig): DeviceWriterOptions {
  const { device } = run.config;
  const fail = failure(run.loaded);
  const { update, endurance } = device;
  if (update === undefined)
    return fail(
      ['device', 'update'],
      `${device.name} does not say how updates move it; expected a device with \`update\` (xbarflow list devices)`,
    );
  return {
    device: {
      ...conductancesOf(run),
      pulses: update.states.value,
      potentiation: update.potentiation.value,
      depression: update.depression.value,
      cycleToCycle: update.cycleToCycle.value,
      deviceToDevice: update.deviceToDevice?.value ?? 0,
    },
    scheme: knobs.scheme,
    rounding: knobs.rounding,
    hidden: knobs.hidden,
    verify: knobs.verify,
    endurance: knobs.endurance ? (endurance?.value ?? Infinity) : Infinity,
    headroom: knobs.headroom,
    seed: run.config.workload.seed,
    onDevices: (_, { shape }) => shape.length >= 2,
  };
}
