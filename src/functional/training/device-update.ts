// Weight updates through a device: pulses along curves of potentiation and depression (NeuroSim's), with variation.

import { InvariantError } from '../../kernel/index.js';
import type { Stream } from '../streams.js';

/** Largest distance of a curve of label 1 from the straight line, over its range: what NeuroSim's labels count. */
const DISTANCE_OF_ONE = 0.099;
/** Largest label of NeuroSim's table. */
const MOST_LABEL = 9;

/** Largest distance of (1 - exp(-x / A)) / (1 - exp(-1 / A)) from x on 0 to 1. */
function distanceOf(a: number): number {
  const rate = 1 / a;
  const whole = -Math.expm1(-rate);
  const at = whole / rate;
  return (1 - at) / whole + Math.log(at) / rate;
}

/**
 * Normalised A of a nonlinearity label: the curve lies 0.099 labels from the straight line at most. It gives NeuroSim's
 * table ("Nonlinearity-NormA", MLP+NeuroSim V3.0) to the table's rounding. Negative labels: -A of the positive one;
 * 0: a straight line (Infinity).
 * @throws RangeError above 9 in size.
 */
export function normalisedA(nonlinearity: number): number {
  const label = Math.abs(nonlinearity);
  if (!(label <= MOST_LABEL))
    throw new RangeError(`nonlinearity labels go from -${MOST_LABEL} to ${MOST_LABEL}, found ${nonlinearity}`);
  if (label === 0) return Infinity;
  const wanted = DISTANCE_OF_ONE * label;
  // The distance falls with A: 1/8A for large A.
  let [low, high] = [1e-4, 1 / (4 * wanted) + 1];
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2;
    if (distanceOf(middle) > wanted) low = middle;
    else high = middle;
  }
  return Math.sign(nonlinearity) * ((low + high) / 2);
}

/** A curve of conductance over pulses: G(p) = B (1 - exp(-p / A)) + Gmin, B = (Gmax - Gmin) / (1 - exp(-Pmax / A)). */
export class UpdateCurve {
  readonly #min: number;
  readonly #range: number;
  readonly #pulses: number;
  readonly #a: number;
  readonly #b: number;

  /**
   * @param min lowest conductance, S (or any unit). @param max highest. @param pulses from one to the other, Pmax.
   * @param normalised normalised A, of either sign; Infinity for a straight line.
   */
  constructor(min: number, max: number, pulses: number, normalised: number) {
    if (!(max > min) || !(pulses > 0))
      throw new InvariantError(`a curve rises over pulses: ${min} to ${max} in ${pulses}`);
    this.#min = min;
    this.#range = max - min;
    this.#pulses = pulses;
    this.#a = normalised * pulses;
    this.#b = this.#range / -Math.expm1(-pulses / this.#a);
  }

  /** Conductance at a number of pulses from the lowest end, cut to the curve. */
  at(pulses: number): number {
    const p = Math.min(this.#pulses, Math.max(0, pulses));
    if (!Number.isFinite(this.#a)) return this.#min + (this.#range * p) / this.#pulses;
    return this.#b * -Math.expm1(-p / this.#a) + this.#min;
  }

  /** Pulses from the lowest end at which the curve has a conductance. */
  pulsesAt(conductance: number): number {
    const up = Math.min(this.#range, Math.max(0, conductance - this.#min));
    if (!Number.isFinite(this.#a)) return (up / this.#range) * this.#pulses;
    return Math.min(this.#pulses, Math.max(0, -this.#a * Math.log1p(-up / this.#b)));
  }
}

/** A device as training writes it. */
export interface UpdateDevice {
  /** S, lowest and highest conductance. */
  min: number;
  max: number;
  /** Pulses from one end to the other (states). */
  pulses: number;
  /** Labels of potentiation and depression (NeuroSim's signs: a negative depression falls fast first). */
  potentiation: number;
  depression: number;
  /** Standard deviation of one pulse's step, over the range (cycle to cycle). */
  cycleToCycle: number;
  /** Standard deviation of the labels from device to device, in labels. */
  deviceToDevice: number;
}

/**
 * Conductances that move by pulses. Potentiation walks its curve up from where the conductance stands, depression its
 * own curve down; each pulse adds a normal deviate of the cycle-to-cycle share.
 */
export class PulsedArray {
  /** S, one a device. */
  readonly conductances: Float64Array;
  /** Pulses that each device took so far. */
  readonly writes: Float64Array;
  readonly #device: UpdateDevice;
  readonly #up: readonly UpdateCurve[];
  readonly #down: readonly UpdateCurve[];
  readonly #endurance: number;

  /**
   * @param endurance pulses after which a device moves no more; Infinity for none. @param normal standard normal draws
   * for the device-to-device spread.
   */
  constructor(device: UpdateDevice, size: number, endurance: number, normal: Stream) {
    this.#device = device;
    this.#endurance = endurance;
    this.conductances = new Float64Array(size).fill(device.min);
    this.writes = new Float64Array(size);
    const curve = (label: number): UpdateCurve =>
      new UpdateCurve(
        device.min,
        device.max,
        device.pulses,
        normalisedA(Math.min(MOST_LABEL, Math.max(-MOST_LABEL, label))),
      );
    const spread = (label: number): UpdateCurve[] =>
      device.deviceToDevice === 0
        ? [curve(label)]
        : Array.from({ length: size }, () => curve(label + device.deviceToDevice * normal()));
    this.#up = spread(device.potentiation);
    this.#down = spread(device.depression);
  }

  /** Pulses on one device: positive potentiates, negative depresses. @returns pulses that were applied. */
  pulse(index: number, pulses: number, normal: Stream): number {
    if (pulses === 0) return 0;
    const left = this.#endurance - this.writes[index]!;
    const applied = Math.min(Math.abs(pulses), Math.max(0, left));
    if (applied === 0) return 0;
    const { min, max, cycleToCycle } = this.#device;
    const curves = pulses > 0 ? this.#up : this.#down;
    const curve = curves[curves.length === 1 ? 0 : index]!;
    const from = curve.pulsesAt(this.conductances[index]!);
    let to = curve.at(from + Math.sign(pulses) * applied);
    if (cycleToCycle > 0) to += cycleToCycle * Math.sqrt(applied) * (max - min) * normal();
    this.conductances[index] = Math.min(max, Math.max(min, to));
    this.writes[index]! += applied;
    return applied;
  }
}
