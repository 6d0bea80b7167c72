// What figures rest on, as parts of derivations: constants, knobs, facts of the network, other figures.

import { settingAt } from '../settings.js';
import { unitOf } from '../../config/index.js';
import { unitOfKey } from '../../run-config/index.js';
import { InvariantError } from '../../kernel/index.js';
import type { Result, ResultConstant } from '../result-types.js';
import { valuesOfLayer, type LayerDrive } from '../layer-energy.js';
import { LAWS, evaluateLaw } from '../../estimators/index.js';
import { agrees, law, leaf, number, product, quotient, type Derivation, type Origin } from './derivation.js';

const written = (
  at: string | null,
  source: string | null = null,
  placeholder = false,
  note: string | null = null,
): Origin => ({ at, source, placeholder, note });

/** Unit of a constant or knob: the one that its key is declared with; of a time the one that it was written in. */
export const declaredUnit = (key: string, value: ResultConstant['value']): string =>
  typeof value === 'object' ? ('seconds' in value ? 's' : 'cycles') : unitOfKey(key);

/** Unit of an argument of a law. */
export function argumentUnit(name: string, argument: string): string {
  const known = LAWS[name]?.arguments[argument];
  return known !== undefined && 'dimension' in known ? unitOf(known.dimension) : '';
}

/** The number of a constant: SI units, or clock cycles. */
export const plainValue = (value: ResultConstant['value']): number =>
  typeof value === 'number' ? value : 'seconds' in value ? value.seconds : value.cycles;

/** A result lacks what its figures rest on: it was written by another version, or changed. */
export class MissingFigure extends InvariantError {
  override name = 'MissingFigure';
  readonly key: string;

  constructor(key: string) {
    super(`explain: the result lacks ${key}`);
    this.key = key;
  }
}

const DRIVEN: Record<keyof LayerDrive, string> = {
  rows: 'lines that a slot drives in an array of this layer, mean over its arrays',
  density: 'share of ones on them, of workload.trace or inputs.density',
};

/** Looks up what the figures of one result rest on. */
export class Sources {
  readonly result: Result;
  readonly #constants: ReadonlyMap<string, ResultConstant>;
  readonly #values: ReadonlyMap<string, number>;
  readonly #unitOf: (key: string) => string;

  /** @param unitOf unit of a figure by its key; asked only when derivations are made. */
  constructor(result: Result, values: ReadonlyMap<string, number>, unitOf: (key: string) => string) {
    this.result = result;
    this.#unitOf = unitOf;
    this.#values = values;
    this.#constants = new Map(result.constants.map((constant) => [constant.key, constant]));
  }

  /** Another figure of the result. */
  figure(key: string, name?: string): Derivation {
    const value = this.#values.get(key);
    if (value === undefined) throw new MissingFigure(key);
    return leaf('figure', { name: key, value, unit: this.#unitOf(key), says: name ?? '' });
  }

  figures(keys: readonly string[]): Derivation[] {
    return keys.map((key) => this.figure(key));
  }

  /** Keys of the result's numbers that start so, in its order. */
  keys(start: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(start));
  }

  value(key: string): number {
    return this.figure(key).value;
  }

  hasConstant(key: string): boolean {
    return this.#constants.has(key);
  }

  /**
   * A constant with its source; one that a law gave, with its arguments.
   * @param drive what a layer drives, where it stands for the knobs that the law asks for
   */
  constant(key: string, drive: LayerDrive | null = null): Derivation {
    const constant = this.#constants.get(key);
    if (constant === undefined) throw new MissingFigure(key);
    const { value, source, placeholder, note, at } = constant;
    const unit = declaredUnit(key, value);
    const origin = written(at, source, placeholder, note);
    const known = constant.law === null ? undefined : LAWS[constant.law.name];
    if (constant.law === null || known === undefined)
      return leaf('constant', { name: key, value: plainValue(value), unit, says: '', origin });
    const ofLayer = drive === null ? null : valuesOfLayer(constant.law.name, constant.law.arguments, drive);
    const parts = constant.law.arguments.flatMap(({ name, value: argument, from }) => {
      if (typeof argument === 'string') return [];
      const own = ofLayer !== null && from !== null ? known.arguments[name]?.ofLayer : undefined;
      if (own !== undefined && drive !== null)
        return [leaf('mapping', { name, value: drive[own], unit: '', says: DRIVEN[own], origin: written(null) })];
      return [
        leaf('config', {
          name: from ?? name,
          value: argument,
          unit: argumentUnit(constant.law!.name, name),
          says: '',
          origin: written(from === null ? at : this.#placeOf(from)),
        }),
      ];
    });
    const words = constant.law.arguments.flatMap(({ name, value: argument }) =>
      typeof argument === 'string' ? [`, ${name} ${argument}`] : [],
    );
    const values =
      ofLayer ?? Object.fromEntries(constant.law.arguments.map(({ name, value: argument }) => [name, argument]));
    return law(
      {
        name: key,
        unit,
        value: evaluateLaw(known, values).value,
        says: `law ${constant.law.name}: ${known.description}${words.join('')}`,
        origin,
      },
      parts,
    );
  }

  /** A knob, by its key in the config. */
  knob(key: string): Derivation {
    const value = this.setting(key);
    if (typeof value !== 'number') throw new InvariantError(`explain: the config has no number ${key}`);
    return leaf('config', { name: key, value, unit: unitOfKey(key), says: '', origin: written(this.#placeOf(key)) });
  }

  /** A knob that is a word, beside the number that it leads to. */
  choice(key: string, value: number, says: string): Derivation {
    return leaf('config', {
      name: key,
      value,
      unit: '',
      says: `${String(this.setting(key))}: ${says}`,
      origin: written(this.#placeOf(key)),
    });
  }

  /** What the resolved config has at a key; undefined where nothing is. */
  setting(key: string): unknown {
    return settingAt(this.result.config, key);
  }

  /** A fact of the network. */
  network(
    layer: string,
    {
      name,
      value,
      says,
      unit = '',
    }: { readonly name: string; readonly value: number; readonly says: string; readonly unit?: string },
  ): Derivation {
    return leaf('network', {
      name,
      value,
      unit,
      says,
      origin: written(this.result.places.layers[layer] ?? this.#placeOf('network')),
    });
  }

  /** What a mapping knob makes of a layer. */
  mapping(name: string, value: number, says: string, knob: string): Derivation {
    return leaf('mapping', { name, value, unit: '', says, origin: written(this.#placeOf(knob)) });
  }

  origin(key: string): Origin {
    return written(this.#placeOf(key));
  }

  /** Seconds of a duration constant: in whole picoseconds, or on the edges of the clock where there is one. */
  duration(key: string): Derivation {
    const constant = this.constant(key);
    const clock = this.setting('chip.clock');
    if (typeof clock !== 'number') {
      const whole = Math.round(constant.value / 1e-12) * 1e-12;
      return agrees(whole, constant.value)
        ? constant
        : law({ name: key, unit: 's', value: whole, says: 'in whole picoseconds' }, [constant]);
    }
    const cycle = this.cycle();
    if (constant.unit === 'cycles') return product(key, 's', [constant, cycle], 'cycles of the clock');
    const cycles = Math.ceil(constant.value / cycle.value - 1e-9);
    return law({ name: key, unit: 's', value: cycles * cycle.value, says: 'up to the next edge of the clock' }, [
      constant,
      cycle,
    ]);
  }

  /** Seconds of a clock cycle. */
  cycle(): Derivation {
    return quotient('clock cycle', 's', { over: number(1, 'one'), under: this.knob('chip.clock') });
  }

  #placeOf(key: string): string | null {
    const { config } = this.result.places;
    return config[key] ?? this.#constants.get(key)?.at ?? null;
  }
}
