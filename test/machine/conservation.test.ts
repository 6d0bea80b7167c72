import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backwardOf,
  countsOf,
  elementsOf,
  isOutputSoftmax,
  placeOf,
  reachedByError,
  vectorWork,
} from '../../src/workload/graph/index.js';
import { simulated } from '../helpers.js';
import { sequenceNetwork, sequenceSteps } from './networks.js';

const hardware = fc.record({
  preset: fc.constantFrom('isaac', 'pipelayer', 'digital-int8'),
  on: fc.constantFrom('digital', 'crossbar'),
  groups: fc.constantFrom('separate', 'packed'),
});

describe('conservation, on random graphs', () => {
  it('every operator is done once; sums over layers of each action are what the graph counts', () => {
    fc.assert(
      fc.property(sequenceSteps, hardware, (steps, { preset, on, groups }) => {
        const crossbars = preset !== 'digital-int8';
        const written = crossbars && on === 'crossbar';
        const { result, machine } = simulated(
          preset,
          [
            ...['network=random.json', 'workload.mode=inference', 'workload.images=2', 'vector.outputSoftmax=unit'],
            ...(crossbars ? [`dynamic.on=${on}`, `mapping.groups=${groups}`] : []),
          ],
          { 'random.json': sequenceNetwork(steps) },
        );
        const { graph, layers } = machine.run.network;
        const homes = new Map(
          layers.flatMap((layer) => [layer.node, ...layer.nodes].map((node) => [node, layer.index])),
        );
        const done = layers.flatMap(({ node, nodes }) => [node, ...nodes]);
        expect(done.length).toBe(homes.size);
        expect(homes.size).toBe(graph.nodes.length);
        // What a stage makes is stored once, and read by the stage of each reader.
        const readers = new Map(layers.map(({ index }) => [index, new Set<number>()]));
        for (const node of graph.nodes)
          for (const { maker } of node.inputs.map((id) => graph.tensors[id]!)) {
            if (maker === null) continue;
            const [from, to] = [homes.get(graph.nodes[maker.node]!)!, homes.get(node)!];
            if (from !== to) readers.get(from)!.add(to);
          }
        expect(machine.buffers.map(({ kind, layer }) => [kind, layer])).toEqual(
          layers.map(({ index }) => ['neurons', index]),
        );
        for (const buffer of machine.buffers)
          expect(buffer.readers.map((stage) => machine.stages[stage]!.layer).sort((a, b) => a - b)).toEqual(
            [...readers.get(buffer.layer)!].sort((a, b) => a - b),
          );
        const count = (component: string, action: string): number =>
          result.actions.reduce(
            (sum, of) => sum + (of.component === component && of.action === action ? Number(of.count) : 0),
            0,
          );
        const graphSum = (of: (node: (typeof graph.nodes)[number]) => number): number =>
          2 * graph.nodes.reduce((sum, node) => sum + of(node), 0);
        for (const action of ['add', 'multiply', 'divide', 'compare', 'function'] as const)
          expect(count('vector', action)).toBe(graphSum((node) => vectorWork(graph, node)[action] ?? 0));
        expect(count('activation', 'lookup')).toBe(
          graphSum((node) => (node.operator.kind === 'unary' ? elementsOf(graph.tensors[node.outputs[0]!]!.shape) : 0)),
        );
        expect(count('add', 'add')).toBe(
          graphSum(({ operator, inputs, outputs }) =>
            operator.kind === 'elementwise' && operator.function === 'add'
              ? (inputs.length - 1) * elementsOf(graph.tensors[outputs[0]!]!.shape)
              : 0,
          ),
        );
        expect(count('mac', 'multiply-accumulate')).toBe(
          graphSum((node) => {
            const place = placeOf(graph, node);
            return (place === 'dynamic' && !written) || (place === 'crossbar' && !crossbars)
              ? countsOf(graph, node).macs
              : 0;
          }),
        );
        // The second operand of each product of activations, in every copy and slice, both signs.
        const cells = result.placements
          .filter(({ layer }) => layers.some(({ name, dynamic }) => name === layer && dynamic !== null))
          .reduce((sum, { weightCells, copies }) => sum + weightCells * copies, 0);
        expect(count('crossbar', 'write')).toBe(written ? 2 * cells : 0);
        expect(result.networkTotals.macs).toBe(graph.nodes.reduce((sum, node) => sum + countsOf(graph, node).macs, 0));
        const ofOperators = result.energy.byOperatorJ.reduce((sum, { energyJ }) => sum + energyJ, 0);
        expect(Math.abs(ofOperators + result.energy.leakageJ - result.energy.totalJ)).toBeLessThanOrEqual(
          1e-12 * result.energy.totalJ,
        );
      }),
      { seed: 16, numRuns: 40 },
    );
  });

  it('training goes back through every operator that an error reaches, once; products of activations twice', () => {
    fc.assert(
      fc.property(sequenceSteps, fc.constantFrom('pipelayer', 'digital-int8'), (steps, preset) => {
        const { result, machine } = simulated(
          preset,
          ['network=random.json', 'workload.mode=training', 'workload.batch=2', 'workload.images=2'],
          { 'random.json': sequenceNetwork(steps) },
        );
        const { graph } = machine.run.network;
        const counted = (component: string, action: string): number =>
          result.actions
            .filter(({ pass }) => pass === 'B' || pass === 'G')
            .reduce((sum, of) => sum + (of.component === component && of.action === action ? Number(of.count) : 0), 0);
        const reached = [...reachedByError(graph)].filter((node) => !isOutputSoftmax(graph, node));
        for (const action of ['add', 'multiply', 'divide', 'compare', 'function'] as const)
          expect(counted('vector', action)).toBe(
            reached.reduce((sum, node) => {
              const { errors, gradients } = backwardOf(graph, node)!;
              return sum + 2 * ((errors[action] ?? 0) + (gradients[action] ?? 0));
            }, 0),
          );
        const macs = (place: string): number =>
          2 *
          graph.nodes.reduce((sum, node) => sum + (placeOf(graph, node) === place ? countsOf(graph, node).macs : 0), 0);
        if (preset === 'pipelayer') expect(counted('mac', 'multiply-accumulate')).toBe(2 * macs('dynamic'));
      }),
      { seed: 17, numRuns: 40 },
    );
  });
});
