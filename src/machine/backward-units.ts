// Units of the passes that go back: output error, errors through what joined a product, perturbation (docs/model.md).

import { ceilOver, less, ofLayers, plus, times, type Count, type JoinPlaces } from '../components/index.js';
import {
  backwardOf,
  isOutputSoftmax,
  reachedByError,
  trainedConstants,
  VECTOR_ACTIONS,
  type Backward,
  type Node,
  type VectorWork,
} from '../workload/graph/index.js';
import { valuesOf, type InputError, type Network, type WeightLayer } from '../workload/index.js';
import { ONE_WAVE, use, type ActionUse, type ChainUnit, type PassChain } from './chain.js';
import { ChainUnits, inputsOf, type ChainInputs } from './chain-units.js';
import {
  batchNormsOf,
  derivativeValues,
  foundIn,
  outputBits,
  outputValues,
  poolsBehind,
  readersBits,
} from './stored.js';

/** What a backward chain ends with. */
export interface ErrorOut {
  /** Errors of an image. */
  readonly errors: Count;
  /** Words that are written. */
  readonly writes: Count;
  readonly valuesAtOnce: Count;
  readonly difference: readonly ActionUse[];
  readonly waves: number;
  /** Values on their way from arrays or units to the activation, and from there to the layers before. */
  readonly result: JoinPlaces['result'];
  readonly route: readonly ActionUse[];
}

/** What a stage does with the error of what joined its product, before its product's own backward pass. */
export interface JoinedBack {
  readonly units: ChainUnit[];
  /** Actions beside a unit that reads the errors, and of the activation unit. */
  readonly reads: ActionUse[];
  readonly masks: ActionUse[];
  /** Actions of activation and pooling unit on the errors of what comes before the product: the network's input. */
  readonly inputMasks: ActionUse[];
  readonly inputRoutes: ActionUse[];
  /** Words of the forward pass that it finds again, by what they are. */
  readonly found: Partial<Record<'refound' | 'masks', Count>>;
}

/** A stage with nothing to go back through before its product. */
export const NOTHING_JOINED: JoinedBack = {
  ...{ units: [], reads: [], masks: [] },
  ...{ inputMasks: [], inputRoutes: [], found: {} },
};

/** Units of backward passes. */
export class BackwardUnits extends ChainUnits {
  readonly #training: boolean;
  #reached: ReadonlySet<Node> | null = null;

  constructor(inputs: ChainInputs) {
    super(inputs);
    this.#training = inputs.config.workload.mode === 'training';
  }

  /**
   * E: the output's difference to the label becomes the error of the layers that it is made of, through their functions
   * and pools.
   */
  outputError({ layers, outputs }: Network): PassChain {
    const ends = layers.filter(({ isOutput }) => isOutput);
    const storedBy = (those: readonly WeightLayer[]): Count =>
      times({ pooledActivations: those.reduce((sum, { pooledNeurons }) => sum + pooledNeurons, 0) });
    const values = storedBy(ends);
    const masked = ends.filter(({ masking }) => masking !== null);
    const routed = ends.filter((layer) => poolsBehind(layer).length > 0);
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(values, this.#outputWords(ends, values), [use('controller', 'issue', times({ waves: 1 }))]),
        this.activation([
          use('activation', 'subtract', times({ networkOutputs: outputs })),
          ...(masked.length === 0 ? [] : [use('activation', 'mask', storedBy(masked))]),
        ]),
        ...(routed.length === 0 ? [] : [this.#routing([use('pooling', 'route', storedBy(routed))])]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** Words of the network's outputs, and of what else their errors are masked and routed by. */
  #outputWords(ends: readonly WeightLayer[], outputs: Count): Count {
    const words = this.words(outputs);
    if (this.config.neurons !== 'kept') {
      const bits = ends.reduce((sum, layer) => sum + outputBits(layer, this.config), 0);
      return bits === 0 ? words : plus({ words, masks: this.#maskWords(bits) });
    }
    const refoundValues = ends.reduce((sum, layer) => sum + outputValues(layer, this.config), 0);
    return refoundValues === 0 ? words : plus({ words, refound: this.words(times({ refoundValues })) });
  }

  #routing(actions: readonly ActionUse[]): ChainUnit {
    return this.unit('pooling', 'route errors', actions);
  }

  /**
   * X: the errors that reached the input, of all images of the batch, are read and added up, the perturbation is read,
   * updated, masked, clipped and written.
   */
  perturb({ layers, input }: Network, batchImages: number): PassChain {
    const elements = valuesOf(input);
    const values = times({ elements });
    const readers = layers.filter(({ inputErrors }) => inputErrors.length > 0);
    const written = ofLayers(
      readers.flatMap((layer) =>
        layer.inputErrors.map((error) => ({
          name: layer.name,
          layer: layer.index,
          use: 'forward' as const,
          count: this.#inputErrorWords(layer, error),
        })),
      ),
    );
    // What stands before a product takes its error back to all of the input.
    const errorValues = readers.reduce(
      (sum, { inputErrors: errors, before }) =>
        errors.reduce((all, error) => all + (before.length > 0 ? elements : error.values), sum),
      0,
    );
    const adds = less({ inputErrors: times({ batchImages, errorValues }), elements });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(
          values,
          plus({ errors: times({ batchImages, words: written }), perturbation: this.words(values) }),
          adds.value > 0 ? [use('add', 'add', adds)] : [],
        ),
        this.unit('optimizer', 'update', [
          use('optimizer', 'update', values),
          use('controller', 'issue', times({ waves: 1 })),
        ]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** Words of an error of the network's input: of a product's, whole positions where they have as many values. */
  #inputErrorWords(layer: WeightLayer, { use: of, values, alone }: InputError): Count {
    if (alone) return this.errorWords(layer);
    const positions = layer.inPositions * layer.steps;
    if (of === 'operand' || values % positions > 0) return this.words(times({ values }));
    const { inPositions, steps } = layer;
    const words = this.words(times({ inputChannels: values / positions }));
    return times({ inPositions, timeSteps: steps, words });
  }

  /** The error through what joined the product of a stage, in `waves` of an image. */
  protected joinedBack(layer: WeightLayer, waves: number): JoinedBack {
    const reads: ActionUse[] = [];
    const masks: ActionUse[] = [];
    const inputMasks: ActionUse[] = [];
    const works: { node: Node; work: VectorWork }[] = [];
    const moved: { node: Node; values: number }[] = [];
    const { before, masking } = layer;
    const through = this.#goneThrough(layer);
    for (const node of through) {
      const back = backwardOf(this.graph, node);
      if (back === null) continue;
      const work = this.#workOf(back);
      if (hasWork(work)) {
        works.push({ node, work });
        reads.push(...this.constantReads({ nodes: [node] }));
      }
      const name = node === layer.node ? null : node.name;
      if (back.masks > 0 && node !== masking?.node)
        (before.includes(node) ? inputMasks : masks).push(
          use('activation', 'mask', times({ masked: back.masks }), name),
        );
      if (back.moved > 0) moved.push({ node, values: back.moved });
    }
    const inputRoutes = layer.pools
      .filter(({ node }) => before.includes(node) && through.has(node))
      .map(({ node, outShape }) =>
        use('pooling', 'route', times({ pooledActivations: valuesOf(outShape) }), node.name),
      );
    return {
      units: [...this.vectorUnit(layer, works, waves), ...this.moveUnit(moved, waves)],
      ...{ reads, masks, inputMasks, inputRoutes },
      found: this.#found(layer),
    };
  }

  /** Words of the forward pass that a stage's own way back finds again. */
  #found(layer: WeightLayer): JoinedBack['found'] {
    const { values, bits } = foundIn(layer, this.config);
    const refoundValues = values + (this.#training ? batchNormsOf(this.graph, layer).elements : 0);
    return {
      ...(refoundValues === 0 ? {} : { refound: this.words(times({ refoundValues })) }),
      ...(bits === 0 ? {} : { masks: this.#maskWords(bits) }),
    };
  }

  #maskWords(maskBits: number): Count {
    return ceilOver({ maskBits, wordBits: this.config.buffers.wordBits });
  }

  /**
   * Nodes of a stage that an error goes through: a batch norm that inference folds too, where weights are trained;
   * those before its product where the error of the network's input is wanted.
   */
  #goneThrough({ node, nodes, before, folded, trainsInput }: WeightLayer): ReadonlySet<Node> {
    this.#reached ??= reachedByError(this.graph);
    const toInput = !this.#training || trainsInput;
    return new Set(
      [node, ...nodes, ...(this.#training ? folded : [])].filter(
        (one) => this.#reached!.has(one) && !isOutputSoftmax(this.graph, one) && (toInput || !before.includes(one)),
      ),
    );
  }

  #workOf({ errors, gradients }: Backward): VectorWork {
    if (!this.#training) return errors;
    const both: { -readonly [A in keyof VectorWork]: number } = {};
    for (const action of VECTOR_ACTIONS) both[action] = (errors[action] ?? 0) + (gradients[action] ?? 0);
    return both;
  }

  /** Reads the error and, for f' and arg-max, the producers' activations or masks; what the stage finds again. */
  protected errorRead(
    layer: WeightLayer,
    producers: readonly WeightLayer[],
    joined: JoinedBack,
    {
      valuesAtOnce,
      errors,
      more = [],
    }: { readonly valuesAtOnce: Count; readonly errors: Count; readonly more?: readonly ActionUse[] },
  ): ChainUnit {
    const keepsNeurons = this.config.neurons === 'kept';
    const kept = ofLayers(
      producers.map((producer) => ({
        name: producer.name,
        layer: producer.index,
        use: 'forward',
        count: keepsNeurons
          ? this.words(times({ activations: derivativeValues(producer, this.config) }))
          : this.#maskWords(readersBits(producer, this.config)),
      })),
    );
    const reads = sumOf({ errors, ...(producers.length === 0 ? {} : { kept }), ...joined.found });
    const meeting = layer.meeting === 0 ? [] : [use('add', 'add', times({ adds: layer.meeting }))];
    return this.bufferRead(valuesAtOnce, reads, [...meeting, ...joined.reads, ...more]);
  }

  /** G: reads the errors, and what the stage finds again where no backward pass did. */
  protected gradientRead(
    valuesAtOnce: Count,
    errors: Count,
    { found, reads }: JoinedBack,
    more: readonly ActionUse[],
  ): ChainUnit {
    return this.bufferRead(valuesAtOnce, sumOf({ errors, ...found }), [...more, ...reads]);
  }

  protected errorOut(
    layer: WeightLayer,
    out: ErrorOut,
    producers: readonly WeightLayer[],
    { masks, inputMasks, inputRoutes }: JoinedBack,
  ): ChainUnit[] {
    const masked = producers.some(({ masking }) => masking !== null);
    const routed = producers.some((producer) => poolsBehind(producer).length > 0);
    const routes = [...(routed ? [use('pooling', 'route', out.errors)] : []), ...inputRoutes];
    return [
      this.activation([
        ...out.difference,
        ...(masked ? [use('activation', 'mask', out.errors)] : []),
        ...masks,
        ...inputMasks,
        ...this.joined('result', out.result),
        ...out.route,
        use('controller', 'issue', times({ waves: out.waves })),
        ...this.chipLink(layer),
      ]),
      ...(routes.length > 0 ? [this.#routing(routes)] : []),
      this.bufferWrite(out.valuesAtOnce, this.withOperands({ operands: this.#operandErrors(layer) }, out.writes)),
      ...this.bus('out', out.valuesAtOnce, out.errors),
    ];
  }

  /** Values of the errors of a stage's operands; of the network's input where they are wanted. */
  #operandErrors({ operands, inputErrors, trainsInput }: WeightLayer): number {
    if (!this.#training || trainsInput) return operands;
    return inputErrors.reduce((rest, { use: of, values }) => rest - (of === 'operand' ? values : 0), operands);
  }

  /** Training: the error of the product itself, written for its gradients where something joined the product. */
  protected errorForGradient(layer: WeightLayer, { units, masks }: JoinedBack, replication: Count): ChainUnit[] {
    if (!this.#training || layer.weights === 0 || (units.length === 0 && masks.length === 0)) return [];
    return [this.bufferWrite(replication, this.words(times({ neurons: layer.neurons })))];
  }

  /** U: constants beside the weights of products are read, less their gradients, and written. */
  protected constantUpdates({ nodes, folded }: WeightLayer): ActionUse[] {
    return [...nodes, ...folded].flatMap((node) => {
      const constants = trainedConstants(node);
      if (constants === 0) return [];
      const words = this.words(times({ constants }));
      return [
        use('activation', 'subtract', times({ constants }), node.name),
        use('buffer', 'read', words, node.name),
        use('buffer', 'write', words, node.name),
      ];
    });
  }

  /** Errors of an image that reach the layer's inputs. */
  protected errorsOf(layer: WeightLayer): Count {
    return inputsOf(layer);
  }

  /** Words of these errors, a position at a time. */
  protected errorWords(layer: WeightLayer): Count {
    return times({
      inPositions: layer.inPositions,
      timeSteps: layer.steps,
      words: this.words(times({ inputChannels: layer.inShape.c })),
    });
  }
}

/** Words of errors and of what else is read with them. */
const sumOf = (
  words: { readonly errors: Count } & Partial<Record<'kept' | keyof JoinedBack['found'], Count>>,
): Count => (Object.keys(words).length === 1 ? words.errors : plus(words));

const hasWork = (work: VectorWork): boolean => VECTOR_ACTIONS.some((action) => (work[action] ?? 0) > 0);
