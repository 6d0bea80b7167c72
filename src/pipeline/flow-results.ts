// Results of flows that were run before: points of a sweep that differ in energies, areas or densities alone have the
// same flow.

import type { Flow, FlowResult, FlowStage } from './flow.js';
import { runFlow } from './run-flow.js';

/** Numbers of flows that are kept; 8 bytes each. */
const MOST_NUMBERS = 2 ** 21;

interface Known {
  numbers: Float64Array;
  result: FlowResult;
}

/**
 * Runs flows and keeps their results. A flow is known by every number that decides its run, compared one by one, so
 * that what is handed out is what a run would say. The oldest are forgotten when they take too much memory.
 */
export class FlowResults {
  readonly #known = new Map<number, Known[]>();
  /** Results of flows that are the same object; flows never change. */
  readonly #of = new WeakMap<Flow, FlowResult>();
  readonly #most: number;
  #kept = 0;
  #runs = 0;

  /** @param most numbers of flows that are kept, 8 bytes each; their results take some times that */
  constructor(most = MOST_NUMBERS) {
    this.#most = most;
  }

  /** Flows that had to be run. */
  get runs(): number {
    return this.#runs;
  }

  /** The result of the flow, with fast paths; it must not be changed. */
  run(flow: Flow): FlowResult {
    let result = this.#of.get(flow);
    if (result === undefined) this.#of.set(flow, (result = this.#resultOf(flow)));
    return result;
  }

  #resultOf(flow: Flow): FlowResult {
    const numbers = numbersOf(flow);
    const hash = hashOf(numbers);
    const alike = this.#known.get(hash) ?? [];
    const known = alike.find((other) => equal(other.numbers, numbers));
    if (known !== undefined) return known.result;
    this.#runs++;
    const result = runFlow(flow);
    this.#kept += numbers.length;
    this.#known.set(hash, [...alike, { numbers, result }]);
    for (const [oldest, flows] of this.#known) {
      if (this.#kept <= this.#most) break;
      this.#known.delete(oldest);
      this.#kept -= flows.reduce((sum, { numbers: { length } }) => sum + length, 0);
    }
    return result;
  }
}

const SERVES: readonly FlowStage['serves'][] = ['image', 'batch', 'turn'];

/** Every number of the flow that its run reads; names decide nothing. Lists are preceded by their lengths. */
function numbersOf(flow: Flow): Float64Array {
  const numbers = [
    flow.images,
    flow.batch,
    flow.batchBarrier ? 1 : 0,
    flow.turns,
    flow.pipelined ? 1 : 0,
    flow.advance === 'lockstep' ? 1 : 0,
    flow.cycle === 'fixed' ? 1 : 0,
    flow.granularity === 'row' ? 1 : 0,
    flow.servers.length,
    flow.buffers.length,
    flow.stages.length,
  ];
  for (const { capacity } of flow.buffers) numbers.push(capacity);
  for (const { serves, turn, waves, serial, source, units, inputs, outputs, needs } of flow.stages) {
    numbers.push(SERVES.indexOf(serves), turn, waves, serial ? 1 : 0, source ? 1 : 0);
    numbers.push(units.length, inputs.length, outputs.length, needs.length);
    for (const { server, latency, interval } of units) numbers.push(server, latency, interval);
    for (const buffer of inputs) numbers.push(buffer);
    for (const buffer of outputs) numbers.push(buffer);
    for (const { producer, waves: needed, first } of needs) {
      numbers.push(producer, needed.length);
      for (const wave of needed) numbers.push(wave);
      for (const wave of first) numbers.push(wave);
    }
  }
  return Float64Array.from(numbers);
}

/** FNV-1a over the bits of the numbers. */
function hashOf(numbers: Float64Array): number {
  const words = new Int32Array(numbers.buffer);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash;
}

function equal(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
