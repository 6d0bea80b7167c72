// What a stage does beside its product: look-ups, additions, pools, vector operations, moves. Each use names the
// operator that it is done for.

import { mapped } from '../kernel/index.js';
import type { Config } from '../run-config/index.js';
import { COMPONENTS, ceilOver, plus, times, type Constants } from '../components/index.js';
import {
  VECTOR_ACTIONS,
  elementsOf,
  isOutputSoftmax,
  movedValues,
  vectorWork,
  batchNormInTraining,
  type Graph,
  type Node,
  type VectorWork,
} from '../workload/graph/index.js';
import { valuesOf, type WeightLayer } from '../workload/index.js';
import { use, type ActionUse, type ChainUnit } from './chain.js';
import { batchNormsOf } from './stored.js';
import { UnitMaker } from './unit-maker.js';

/** Units of the operators that join a product's stage. */
export class JoinedUnits extends UnitMaker {
  protected readonly graph: Graph;

  constructor(config: Config, constants: Constants, graph: Graph) {
    super(config, constants);
    this.graph = graph;
  }

  /** Look-ups of the activation unit: functions of one value. */
  protected lookups({ nodes }: WeightLayer): ActionUse[] {
    return nodes
      .filter(({ operator }) => operator.kind === 'unary')
      .map((node) => use('activation', 'lookup', times({ activated: this.#elements(node) }), node.name));
  }

  /** Additions of the adder beside the buffer: sums of tensors. */
  protected additions({ nodes }: WeightLayer): ActionUse[] {
    return nodes
      .filter(({ operator }) => operator.kind === 'elementwise' && operator.function === 'add')
      .flatMap((node) => {
        const adds = (node.inputs.length - 1) * this.#elements(node);
        return adds === 0 ? [] : [use('add', 'add', times({ adds }), node.name)];
      });
  }

  /** The vector unit, where the stage has work for it: each wave brings its share of an image's operations. */
  protected vector(layer: WeightLayer, waves: number): ChainUnit[] {
    const { node, nodes } = layer;
    const training = this.config.workload.mode === 'training';
    const norms = training ? batchNormsOf(this.graph, layer).norms : [];
    const works = [node, ...nodes]
      .filter((one) => this.config.vector.outputSoftmax !== 'host' || !isOutputSoftmax(this.graph, one))
      .filter((one) => !norms.includes(one))
      .map((one) => ({ node: one, work: this.workOf(one) }));
    const trained = norms.map((one) => ({ node: one, work: batchNormInTraining(this.graph, one) }));
    return this.vectorUnit(layer, [...works, ...trained], waves);
  }

  /** What a node asks of the vector unit, a sample. */
  protected workOf(node: Node): VectorWork {
    return vectorWork(this.graph, node);
  }

  /** A vector unit for what nodes ask of it, an image; none where that is nothing. */
  protected vectorUnit(
    { node }: WeightLayer,
    works: readonly { node: Node; work: VectorWork }[],
    waves: number,
  ): ChainUnit[] {
    const actions: ActionUse[] = [];
    let all = 0;
    for (const { node: one, work } of works) {
      for (const action of VECTOR_ACTIONS) {
        const count = work[action] ?? 0;
        if (count === 0) continue;
        all += count;
        const operations = times({ operations: count });
        actions.push(use('vector', action, operations, one === node ? null : one.name));
      }
    }
    if (all === 0) return [];
    const { lanes, shared } = this.config.vector;
    const ofWave = ceilOver({ operations: all, waves });
    const service = this.constants.streamed('vector', ceilOver({ operations: ofWave, lanes }));
    return [this.served('vector', `${lanes} lanes`, service, { actions, shared: shared ? 'vector' : null })];
  }

  /** Reads of a norm's factors, of slopes and of constant operands: each once an image. */
  protected constantReads({ nodes }: Pick<WeightLayer, 'nodes'>): ActionUse[] {
    return nodes
      .filter(({ operator: { kind } }) => kind !== 'gather' && kind !== 'unary')
      .flatMap((node) => {
        const operands = node.inputs.flatMap((id) => this.graph.tensors[id]!.constant ?? []);
        const constants = [...node.parameters.values(), ...operands].reduce(
          (sum, { shape }) => sum + elementsOf(shape),
          0,
        );
        return constants === 0 ? [] : [use('buffer', 'read', this.words(times({ constants })), node.name)];
      });
  }

  /**
   * Moves that go through the buffer: words are read and written back. Where a word holds no more than a value, another
   * order is a matter of addresses.
   */
  protected moves({ nodes }: WeightLayer, waves: number): ChainUnit[] {
    return this.moveUnit(
      nodes.map((node) => ({ node, values: movedValues(this.graph, node) })),
      waves,
    );
  }

  /** The buffer as it moves values of nodes, an image; none where that is a matter of addresses. */
  protected moveUnit(moves: readonly { node: Node; values: number }[], waves: number): ChainUnit[] {
    const { wordBits } = this.config.buffers;
    const moved = moves.filter(({ node: { operator }, values }) => {
      const looked = operator.kind === 'gather' && operator.lookup;
      return values > 0 && (wordBits > this.config.inputs.bits || looked);
    });
    if (moved.length === 0) return [];
    const atOnce = ceilOver({ values: moved.reduce((sum, { values }) => sum + values, 0), waves });
    const latency = plus({
      read: this.portTime(this.constants.latency('buffer'), atOnce).latency,
      write: this.portTime(this.constants.writeLatency('buffer'), atOnce).latency,
    });
    const actions = moved.flatMap(({ node, values }) => {
      const words = this.words(times({ values }));
      return [use('buffer', 'read', words, node.name), use('buffer', 'write', words, node.name)];
    });
    return [this.served('buffer', 'move', { latency, interval: latency }, { actions })];
  }

  /**
   * The pools of a stage. A register that keeps the running maximum, and a unit that reads windows back, take every
   * place of every window: overlapping ones several times.
   */
  protected pool({ pools }: WeightLayer, waves: number, indexed: boolean): ChainUnit {
    const actions = pools.flatMap(({ places: poolPlaces, node }) => {
      const places = times({ poolPlaces });
      const compare = use('pooling', 'compare', places, node.name);
      return indexed ? [compare, use('pooling', 'index', places, node.name)] : [compare];
    });
    if (this.config.pooling.kind === 'register') return this.unit('pooling', 'running maximum', actions);
    // ISAAC Fig. 4b: a window's values are read back one a cycle once they are there, then the maximum is written: on
    // average a wave brings its share of an image's windows. An average is a running sum: a wave adds what it brings.
    const places = mapped(pools, ({ kind, window: { kernel }, outShape, places: all }) => {
      const window = elementsOf(kernel);
      const brought = Math.min(window, Math.ceil(all / outShape.c / waves));
      return { windowPlaces: kind === 'avg' ? brought : window, broughtPlaces: brought };
    });
    const service = COMPONENTS.pooling.service({
      windowPlaces: places.reduce((sum, of) => sum + of.windowPlaces, 0),
      broughtPlaces: places.reduce((sum, of) => sum + of.broughtPlaces, 0),
      pools: pools.length,
      access: this.constants.latency('buffer'),
      write: this.constants.writeLatency('buffer'),
    });
    return this.served('pooling', 'read window, write maximum', service, {
      actions: [
        ...actions,
        ...pools.flatMap(({ places: poolPlaces, outShape, node }) => [
          use('buffer', 'read', this.words(times({ poolPlaces })), node.name),
          use('buffer', 'write', this.words(times({ pooledActivations: valuesOf(outShape) })), node.name),
        ]),
      ],
    });
  }

  #elements = (node: Node): number => elementsOf(this.graph.tensors[node.outputs[0]!]!.shape);
}
