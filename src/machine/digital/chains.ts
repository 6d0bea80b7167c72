// The chains of a digital design: one set of processing units serves every pass of every layer (docs/model.md section
// 4, Digital MAC).

import { ceilOver, COMPONENTS, ofLayers, over, plus, times, type Count } from '../../components/index.js';
import { InvariantError, mapped } from '../../kernel/index.js';
import type { LayerPlan } from '../../mapping/index.js';
import type { WeightLayer } from '../../workload/index.js';
import { forLayer, ONE_WAVE, use, wavesOf, type ActionUse, type ChainUnit, type PassChain } from '../chain.js';
import { BackwardUnits, NOTHING_JOINED } from '../backward-units.js';
import type { ChainInputs } from '../chain-units.js';
import type { LayerChains } from '../machine-types.js';
import type { DigitalUnits } from './tiling.js';

/**
 * The chains of a machine of digital units: buffer, units, activation, pool, buffer. Weights are read once an image and
 * layer.
 */
export class DigitalChains extends BackwardUnits implements LayerChains {
  readonly #digital: DigitalUnits;
  readonly #plans: ReadonlyMap<number, LayerPlan>;

  constructor(inputs: ChainInputs, plans: ReadonlyMap<number, LayerPlan>, digital: DigitalUnits) {
    super(inputs);
    this.#plans = plans;
    this.#digital = digital;
  }

  forward(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication, serial } = forward;
    const lines = times({ rows: matrix.rows, groups: matrix.groups });
    const results = times({ columns: matrix.columns, groups: matrix.groups });
    const atOnce = this.valuesAtOnce(layer, times({ replication, values: lines }), waves);
    return {
      waves: wavesOf(forward),
      serial,
      driven: { vectors, rows: lines.value, columns: results.value, lines, ofArray: null },
      units: [
        ...this.inputsIn(layer, waves),
        ...this.bus('in', atOnce, this.valuesIn(layer, times({ vectors, values: lines }))),
        this.forwardRead(layer, atOnce, times({ vectors, words: this.words(lines) }), this.secondOperand(layer)),
        this.#units(plan, this.#digital.operation, this.#weightReads(layer)),
        ...this.forwardOut(plan, [], results),
      ],
    };
  }

  load(): never {
    throw new InvariantError('digital units hold no weights of turns');
  }

  backward(layerIndex: number, producers: readonly WeightLayer[]): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication, serial } = forward;
    const lines = times({ columns: matrix.columns, groups: matrix.groups });
    const results = times({ rows: matrix.rows, groups: matrix.groups });
    const joined = this.joinedBack(layer, waves);
    // A product of two activations meets both operands again.
    const values = layer.dynamic === null ? lines : plus({ errors: lines, firsts: results });
    const atOnce = this.valuesAtOnce(layer, times({ replication, values }), waves);
    return {
      waves: wavesOf(forward),
      serial,
      driven: { vectors, rows: lines.value, columns: matrix.rows * matrix.groups, lines, ofArray: null },
      units: [
        ...this.bus('in', atOnce, this.valuesIn(layer, times({ vectors, values }))),
        this.errorRead(layer, producers, joined, {
          valuesAtOnce: atOnce,
          errors: times({ vectors, words: this.words(lines) }),
          more: this.#operands(plan),
        }),
        ...joined.units,
        ...this.errorForGradient(layer, joined, atOnce),
        this.#units(plan, this.#backAction('l1-error'), this.#weightReads(layer), layer.dynamic === null ? 1 : 2),
        ...this.errorOut(
          layer,
          {
            errors: this.errorsOf(layer),
            writes: this.#errorWrites(layer),
            valuesAtOnce: times({ replication, inputChannels: layer.inShape.c }),
            difference: [],
            waves,
            result: { vectors, inputs: lines, outputs: results, looked: times({ vectors, outputs: results }) },
            route: this.route(layer.inPositions * layer.steps, times({ inputChannels: layer.inShape.c })),
          },
          producers,
          joined,
        ),
      ],
    };
  }

  /** The same operand pairs as the forward pass; gradients accumulate beside the units. */
  gradient(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication, serial } = forward;
    const { rows, columns, groups } = matrix;
    const lines = plus({ inputs: times({ rows, groups }), errors: times({ columns, groups }) });
    const atOnce = times({ replication, values: lines });
    const joined = plan.backward === null ? this.joinedBack(layer, waves) : NOTHING_JOINED;
    return {
      waves: wavesOf(forward),
      serial,
      driven: { vectors, rows: lines.value, columns: 0, lines, ofArray: null },
      units: [
        ...this.bus('in', atOnce, times({ vectors, values: lines })),
        this.gradientRead(atOnce, times({ vectors, words: this.words(lines) }), joined, [
          use('controller', 'issue', times({ waves })),
        ]),
        ...joined.units,
        this.#units(plan, this.#backAction('l1-gradient'), []),
        this.unit('gradientAdder', 'accumulate', [
          use('gradientAdder', 'add', this.heldWeights(layer)),
          ...joined.masks,
          ...this.joined('result', { vectors, inputs: lines, outputs: NO_RESULTS, looked: NO_RESULTS }),
        ]),
        ...this.gradientsOut(layer, waves),
      ],
    };
  }

  /** U: weights are read, less the gradient, and written back, as many at once as there are units. */
  update(): PassChain {
    const { units, operation } = this.#digital;
    // AdderNet: a gradient's norm takes a square and a sum a weight, its scale a product.
    const normed = operation === 'l1' ? { passes: 3 } : {};
    const layers = mapped([...this.#plans.values()], ({ layer }) => layer);
    const cycles = ofLayers(
      mapped(layers, (layer) => ({
        name: layer.name,
        layer: layer.index,
        use: 'forward',
        count: ceilOver({ weights: times({ weights: this.heldWeights(layer), ...normed }), units }),
      })),
    );
    const updates = layers.flatMap((layer) => {
      const weights = this.heldWeights(layer);
      const words = this.#weightWords(layer);
      const own = [
        use('gradientAdder', 'read', weights),
        use('activation', 'subtract', weights),
        ...(operation === 'l1' ? [use('mac', 'multiply-accumulate', times({ weights, products: 2 }))] : []),
        use('weightMemory', 'read', words),
        use('weightMemory', 'write', words),
      ];
      return forLayer(layer, [...(layer.weights === 0 ? [] : own), ...this.constantUpdates(layer)]);
    });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        ...this.gradientsBack([...this.#plans.values()], 1),
        this.#mac('update', cycles, [...updates, use('controller', 'issue', times({ waves: 1 }))]),
      ],
    };
  }

  /** Words of the errors of a product's inputs: both where it is of two activations. */
  #errorWrites(layer: WeightLayer): Count {
    const words = this.errorWords(layer);
    if (layer.dynamic === null) return words;
    const { operandValues } = layer.dynamic;
    return plus({ words, operandWords: this.words(times({ operandValues })) });
  }

  /** Operands of a product of two activations, which both its products going back find again. */
  #operands({ layer, forward: { matrix, vectors } }: LayerPlan): ActionUse[] {
    if (layer.dynamic === null) return [];
    const firsts = this.words(times({ rows: matrix.rows, groups: matrix.groups }));
    return [...this.secondOperand(layer), use('buffer', 'read', times({ vectors, words: firsts }))];
  }

  /** What the units do with an operand pair on the way back. */
  #backAction(l1: 'l1-error' | 'l1-gradient'): UnitAction {
    const { operation } = this.#digital;
    return operation === 'l1' ? l1 : operation;
  }

  /** @param products of the same operand pairs, one after the other. */
  #units({ layer, forward }: LayerPlan, action: UnitAction, weights: readonly ActionUse[], products = 1): ChainUnit {
    const { units, operation, errorCycles } = this.#digital;
    const { vectors, replication } = forward;
    const both = products === 1 ? {} : { products };
    const each = action === operation || errorCycles === 1 ? {} : { errorCycles };
    const pairs = times({ replication, ...both, ...each, pairsOfPosition: over({ macs: layer.macs, vectors }) });
    return this.#mac(`${units} units`, ceilOver({ pairs, units }), [
      use('mac', action, times({ macs: layer.macs, ...both })),
      ...weights,
    ]);
  }

  #mac(role: string, cycles: Count, actions: readonly ActionUse[]): ChainUnit {
    if (this.#digital.weightWordBits === null)
      return this.served('mac', role, this.constants.streamed('mac', cycles), { actions, shared: 'units' });
    const latency = this.constants.latency('mac');
    const cycle = this.constants.interval('mac', latency);
    return this.served('mac', role, COMPONENTS.mac.service({ cycles, latency, cycle }), { actions, shared: 'units' });
  }

  /** Weights are read once an image and pass; a product of two activations has none. */
  #weightReads(layer: WeightLayer): ActionUse[] {
    return layer.weights === 0 ? [] : [use('weightMemory', 'read', this.#weightWords(layer))];
  }

  /** Words of the memory that a layer's weights take. */
  #weightWords(layer: WeightLayer): Count {
    const { weightWordBits } = this.#digital;
    if (weightWordBits === null) throw new InvariantError('units beside arrays hold no weights');
    const bits = times({ weights: this.heldWeights(layer), weightBits: this.config.weights.bits });
    return ceilOver({ bits, weightWordBits });
  }
}

/** What a unit does with an operand pair. */
type UnitAction = DigitalUnits['operation'] | 'l1-error' | 'l1-gradient';

/** Gradients leave for their accumulators, not for the activation. */
const NO_RESULTS = times({ outputs: 0 });
