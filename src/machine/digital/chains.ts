// The chains of a digital design: one set of processing units serves every pass of every layer (model.md section 4,
// Digital MAC).

import type { Config } from '../../run-config/index.js';
import type { Constants } from '../../components/index.js';
import type { LayerPlan } from '../../mapping/index.js';
import type { WeightLayer } from '../../workload/index.js';
import { ChainUnits, use, type ActionUse, type ChainUnit, type PassChain } from '../chain-units.js';
import type { LayerChains } from '../machine-types.js';
import { tileOnUnits } from './tiling.js';

/**
 * The chains of a machine of digital units: buffer, units, activation, pool, buffer. Weights are read once an image and
 * layer.
 */
export class DigitalChains extends ChainUnits implements LayerChains {
  readonly #digital: NonNullable<Config['digital']>;
  readonly #plans: ReadonlyMap<number, LayerPlan>;

  constructor(
    config: Config,
    constants: Constants,
    crossings: ReadonlySet<number>,
    plans: ReadonlyMap<number, LayerPlan>,
    digital: NonNullable<Config['digital']>,
  ) {
    super(config, constants, crossings);
    this.#plans = plans;
    this.#digital = digital;
  }

  forward(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication } = forward;
    const rows = matrix.rows * matrix.groups;
    const results = matrix.columns * matrix.groups;
    return {
      waves,
      serial: forward.serial,
      driven: { vectors, rows, columns: results },
      units: [
        ...this.bus('in', replication * rows, vectors * rows),
        this.bufferRead(replication * rows, vectors * this.words(rows), this.elementwise(layer.adds)),
        this.#units(plan, this.#weights(layer, 'read')),
        ...this.forwardOut(plan, [], results),
      ],
    };
  }

  backward(layerIndex: number, producers: readonly WeightLayer[]): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication } = forward;
    const lines = matrix.columns * matrix.groups;
    const errors = layer.inShape.c * layer.inPositions * layer.steps;
    return {
      waves,
      serial: forward.serial,
      driven: { vectors, rows: lines, columns: matrix.rows * matrix.groups },
      units: [
        this.errorRead(replication * lines, vectors * this.words(lines), layer, producers),
        this.#units(plan, this.#weights(layer, 'read')),
        ...this.errorOut(
          layer,
          errors,
          layer.inPositions * layer.steps * this.words(layer.inShape.c),
          replication * layer.inShape.c,
          [],
          producers,
          waves,
        ),
      ],
    };
  }

  /** The same operand pairs as the forward pass; gradients accumulate beside the units. */
  gradient(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication } = forward;
    const rows = matrix.rows * matrix.groups;
    const lines = matrix.columns * matrix.groups;
    const accumulate = this.constants.latency('gradientAdder');
    return {
      waves,
      serial: forward.serial,
      driven: { vectors, rows: rows + lines, columns: 0 },
      units: [
        this.bufferRead(replication * (rows + lines), vectors * this.words(rows + lines), [
          use('controller', 'issue', waves),
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
  update(): PassChain {
    const plans = [...this.#plans.values()];
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
