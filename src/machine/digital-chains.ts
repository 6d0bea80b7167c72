// The chains of a digital design: one set of processing units serves every pass of every layer (model.md section 4,
// Digital MAC).

import type { Config } from '../run-config/index.js';
import type { Constants } from '../components/index.js';
import type { LayerPlan } from '../mapping/index.js';
import type { WeightLayer } from '../workload/index.js';
import { ChainUnits, use, type ActionUse, type Chains, type ChainUnit, type PassChain } from './chain-units.js';

/** How the operand pairs of one image are laid onto the units. */
export interface UnitTiling {
  /** Positions that go at once. */
  positions: number;
  waves: number;
  /** Cycles of a wave. */
  cycles: number;
}

/** As many whole positions at once as the units hold; a position that needs more takes several cycles. */
export function tileOnUnits(macsPerPosition: number, positions: number, serial: boolean, units: number): UnitTiling {
  const atOnce = serial ? 1 : Math.max(1, Math.min(positions, Math.floor(units / macsPerPosition)));
  return {
    positions: atOnce,
    waves: Math.ceil(positions / atOnce),
    cycles: Math.ceil((atOnce * macsPerPosition) / units),
  };
}

/**
 * The chains of a machine of digital units: buffer, units, activation, pool, buffer. Weights are read once an image and
 * layer.
 */
export class DigitalChains extends ChainUnits implements Chains {
  readonly #digital: NonNullable<Config['digital']>;

  constructor(
    config: Config,
    constants: Constants,
    crossings: ReadonlySet<number>,
    digital: NonNullable<Config['digital']>,
  ) {
    super(config, constants, crossings);
    this.#digital = digital;
  }

  forward(plan: LayerPlan): PassChain {
    const { layer, forward } = plan;
    const { matrix, vectors, steps, copies } = forward;
    const rows = matrix.rows * matrix.groups;
    const results = matrix.columns * matrix.groups;
    return {
      waves: steps,
      serial: forward.serial,
      driven: { vectors, rows, columns: results },
      units: [
        ...this.bus('in', copies * rows, vectors * rows),
        this.bufferRead(copies * rows, vectors * this.words(rows), this.elementwise(layer.adds)),
        this.#units(plan, this.#weights(layer, 'read')),
        ...this.forwardOut(plan, [], results),
      ],
    };
  }

  backward(plan: LayerPlan, producers: readonly WeightLayer[]): PassChain {
    const { layer, forward } = plan;
    const { matrix, vectors, steps, copies } = forward;
    const lines = matrix.columns * matrix.groups;
    const errors = layer.inShape.c * layer.inPositions * layer.steps;
    return {
      waves: steps,
      serial: forward.serial,
      driven: { vectors, rows: lines, columns: matrix.rows * matrix.groups },
      units: [
        this.errorRead(copies * lines, vectors * this.words(lines), layer, producers),
        this.#units(plan, this.#weights(layer, 'read')),
        ...this.errorOut(
          layer,
          errors,
          layer.inPositions * layer.steps * this.words(layer.inShape.c),
          copies * layer.inShape.c,
          [],
          producers,
          steps,
        ),
      ],
    };
  }

  /** The same operand pairs as the forward pass; gradients accumulate beside the units. */
  gradient(plan: LayerPlan): PassChain {
    const { layer, forward } = plan;
    const { matrix, vectors, steps, copies } = forward;
    const rows = matrix.rows * matrix.groups;
    const lines = matrix.columns * matrix.groups;
    const accumulate = this.constants.latency('gradientAdder');
    return {
      waves: steps,
      serial: forward.serial,
      driven: { vectors, rows: rows + lines, columns: 0 },
      units: [
        this.bufferRead(copies * (rows + lines), vectors * this.words(rows + lines), [
          use('controller', 'issue', steps),
        ]),
        this.#units(plan, []),
        {
          component: 'gradientAdder',
          role: 'accumulate',
          latency: accumulate,
          interval: this.constants.interval('gradientAdder', accumulate),
          shared: null,
          actions: [use('gradientAdder', 'add', layer.weights)],
        },
      ],
    };
  }

  /** U: weights are read, less the gradient, and written back, as many at once as there are units. */
  update(plans: readonly LayerPlan[]): PassChain {
    const actions = plans.flatMap(({ layer }) => [
      use('gradientAdder', 'read', layer.weights),
      use('activation', 'subtract', layer.weights),
      ...this.#weights(layer, 'read'),
      ...this.#weights(layer, 'write'),
    ]);
    const cycles = plans.reduce((sum, { layer }) => sum + Math.ceil(layer.weights / this.#digital.units), 0);
    return {
      waves: 1,
      serial: false,
      driven: null,
      units: [this.#mac('update', cycles, [...actions, use('controller', 'issue', 1)])],
    };
  }

  #units({ layer, forward }: LayerPlan, weights: ActionUse[]): ChainUnit {
    const perPosition = layer.macs / forward.vectors;
    const { cycles } = tileOnUnits(perPosition, forward.vectors, forward.serial, this.#digital.units);
    return this.#mac(`${this.#digital.units} units`, cycles, [
      use('mac', this.#digital.operation, layer.macs),
      ...weights,
    ]);
  }

  #mac(role: string, cycles: number, actions: ActionUse[]): ChainUnit {
    const latency = this.constants.latency('mac');
    const cycle = this.constants.interval('mac', latency);
    return {
      component: 'mac',
      role,
      latency: latency + (cycles - 1) * cycle,
      interval: cycles * cycle,
      shared: 'units',
      actions,
    };
  }

  #weights(layer: WeightLayer, action: 'read' | 'write'): ActionUse[] {
    return [
      use('weightMemory', action, Math.ceil((layer.weights * this.config.weights.bits) / this.#digital.weightWordBits)),
    ];
  }
}
