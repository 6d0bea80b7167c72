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
import { valuesOf, type Network, type WeightLayer } from '../workload/index.js';
import { ONE_WAVE, use, type ActionUse, type ChainUnit, type PassChain } from './chain.js';
import { ChainUnits, inputsOf, type ChainInputs } from './chain-units.js';
import { batchNormsOf, maskBits, storedActivations } from './stored.js';

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
  /** Values of the forward pass that it finds again; null for none. */
  readonly refound: Count | null;
}

/** A stage with nothing to go back through before its product. */
export const NOTHING_JOINED: JoinedBack = { units: [], reads: [], masks: [], refound: null };

/** Units of backward passes. */
export class BackwardUnits extends ChainUnits {
  readonly #training: boolean;
  #reached: ReadonlySet<Node> | null = null;

  constructor(inputs: ChainInputs) {
    super(inputs);
    this.#training = inputs.config.workload.mode === 'training';
  }

  /** E: the output's difference to the label becomes the error of the layers that it is made of. */
  outputError({ layers, outputs }: Network): PassChain {
    const values = times({
      pooledActivations: layers.reduce((sum, of) => sum + (of.isOutput ? of.pooledNeurons : 0), 0),
    });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(values, this.words(values), [use('controller', 'issue', times({ waves: 1 }))]),
        this.activation([use('activation', 'subtract', times({ networkOutputs: outputs }))]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /**
   * X: the errors that reached the input, of all images of the batch, are read and added up, the perturbation is read,
   * updated, masked, clipped and written.
   */
  perturb({ layers, input }: Network, batchImages: number): PassChain {
    const elements = valuesOf(input);
    const values = times({ elements });
    const readers = layers.filter(({ inputs }) => inputs.some(({ producer }) => producer === 0));
    const written = ofLayers(
      readers.map((layer) => ({ name: layer.name, layer: layer.index, use: 'forward', count: this.errorWords(layer) })),
    );
    const inputErrors = times({ batchImages, readersOfInput: readers.length });
    const furtherErrors = less({ inputErrors, one: 1 });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(
          values,
          plus({ errors: times({ batchImages, words: written }), perturbation: this.words(values) }),
          furtherErrors.value === 0 ? [] : [use('add', 'add', times({ furtherErrors, elements }))],
        ),
        this.unit('optimizer', 'update', [
          use('optimizer', 'update', values),
          use('controller', 'issue', times({ waves: 1 })),
        ]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** The error through what joined the product of a stage, in `waves` of an image. */
  protected joinedBack(layer: WeightLayer, waves: number): JoinedBack {
    const reads: ActionUse[] = [];
    const masks: ActionUse[] = [];
    const works: { node: Node; work: VectorWork }[] = [];
    const moved: { node: Node; values: number }[] = [];
    // The first function of a stage is gone back through by the stages that read it.
    let byReaders = layer.consumers.length > 0;
    for (const node of this.#goneThrough(layer)) {
      const back = backwardOf(this.graph, node);
      if (back === null) continue;
      const work = this.#workOf(back);
      if (hasWork(work)) {
        works.push({ node, work });
        reads.push(...this.constantReads({ nodes: [node] }));
      }
      const first = node.operator.kind === 'unary' && byReaders;
      if (first) byReaders = false;
      const name = node === layer.node ? null : node.name;
      if (back.masks > 0 && !first) masks.push(use('activation', 'mask', times({ masked: back.masks }), name));
      if (back.moved > 0) moved.push({ node, values: back.moved });
    }
    const refoundValues = layer.refound + (this.#training ? batchNormsOf(this.graph, layer).elements : 0);
    return {
      units: [...this.vectorUnit(layer, works, waves), ...this.moveUnit(moved, waves)],
      reads,
      masks,
      refound: refoundValues === 0 ? null : this.words(times({ refoundValues })),
    };
  }

  /** Nodes of a stage that an error goes through: a batch norm that inference folds too, where weights are trained. */
  #goneThrough({ node, nodes, folded }: WeightLayer): Node[] {
    this.#reached ??= reachedByError(this.graph);
    return [node, ...nodes, ...(this.#training ? folded : [])].filter(
      (one) => this.#reached!.has(one) && !isOutputSoftmax(this.graph, one),
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
    const { buffers, neurons } = this.config;
    const keptOf = (producer: WeightLayer): Count =>
      neurons === 'kept'
        ? this.words(times({ activations: storedActivations(producer, this.config) }))
        : ceilOver({ maskBits: maskBits(producer, this.config, this.graph), wordBits: buffers.wordBits });
    const kept = ofLayers(
      producers.map((producer) => ({
        name: producer.name,
        layer: producer.index,
        use: 'forward',
        count: keptOf(producer),
      })),
    );
    const { refound } = joined;
    const reads =
      producers.length === 0 && refound === null
        ? errors
        : plus({ errors, ...(producers.length === 0 ? {} : { kept }), ...(refound === null ? {} : { refound }) });
    const meeting = layer.meeting === 0 ? [] : [use('add', 'add', times({ adds: layer.meeting }))];
    return this.bufferRead(valuesAtOnce, reads, [...meeting, ...joined.reads, ...more]);
  }

  /** G: reads the errors, and what the stage finds again where no backward pass did. */
  protected gradientRead(
    valuesAtOnce: Count,
    errors: Count,
    { refound, reads }: JoinedBack,
    more: readonly ActionUse[],
  ): ChainUnit {
    return this.bufferRead(valuesAtOnce, refound === null ? errors : plus({ errors, refound }), [...more, ...reads]);
  }

  protected errorOut(
    layer: WeightLayer,
    out: ErrorOut,
    producers: readonly WeightLayer[],
    { masks }: JoinedBack,
  ): ChainUnit[] {
    // A recurrent layer's own stage goes back through its cell.
    const masked = producers.some(({ activation, serial }) => activation !== 'none' && !serial);
    const routed = producers.some(({ pools }) => pools.length > 0);
    return [
      this.activation([
        ...out.difference,
        ...(masked ? [use('activation', 'mask', out.errors)] : []),
        ...masks,
        ...this.joined('result', out.result),
        ...out.route,
        use('controller', 'issue', times({ waves: out.waves })),
        ...this.chipLink(layer),
      ]),
      ...(routed ? [this.unit('pooling', 'route errors', [use('pooling', 'route', out.errors)])] : []),
      this.bufferWrite(out.valuesAtOnce, this.withOperands(layer, out.writes)),
      ...this.bus('out', out.valuesAtOnce, out.errors),
    ];
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

const hasWork = (work: VectorWork): boolean => VECTOR_ACTIONS.some((action) => (work[action] ?? 0) > 0);
