// How counts and times came about, in the form in which a result carries them.

import {
  Count,
  FACTORS,
  type CountOp,
  type FactorDeclaration,
  type FactorName,
  type Value,
} from '../components/index.js';
import type { ActionUse } from '../machine/chain.js';
import type { ArrayPlacement, Machine, MachineStage, Pass } from '../machine/machine-types.js';
import type { Counted } from './activity.js';

/** A number with its parts. `from` is the key of the figure of the result that it is; times are in ticks of 1 ps. */
export interface Factor {
  /** A word of FACTORS, or the name of a layer. */
  name: string;
  value: number;
  from?: string;
  /** How it follows from its parts; a number without one is given. */
  op?: CountOp;
  parts?: Factor[];
}

/** What the factors of a count belong to. */
export interface FactorScope {
  machine: Machine;
  /** 0: the network as a whole. */
  layer: number;
  use: ArrayPlacement['use'];
  stage: MachineStage | null;
  /** Name of the buffer whose bits are counted. */
  buffer: string | null;
}

const USES: Readonly<Partial<Record<Pass, ArrayPlacement['use']>>> = { B: 'backward', G: 'gradient' };

/** The scope of what belongs to a stage. */
export const stageScope = (machine: Machine, stage: MachineStage): FactorScope => ({
  machine,
  layer: stage.layer,
  use: USES[stage.pass] ?? 'forward',
  stage,
  buffer: null,
});

/** The factors whose product is the count; a count that is no product is its own factor. */
export const factorsOf = (count: Count, scope: FactorScope): Factor[] =>
  count.op === 'product' ? partsOf(count, scope) : [factorOf('ofService', count, scope)];

/** The factors of an action's count: services x actions of a service, or ones of all services x what each reaches. */
export function actionFactors(machine: Machine, { stage, uses, ones }: Counted, services: number): Factor[] {
  const scope = stageScope(machine, stage);
  const started = factorOf('services', services, scope);
  const ofUse = ({ count, driven }: ActionUse): Factor[] => [
    ...(driven && ones.ofService === null
      ? [{ name: 'onesOfRun', value: Number(ones.total) }]
      : driven
        ? [started, factorOf('ones', ones.ofService!, scope)]
        : [started]),
    ...factorsOf(count, scope),
  ];
  if (uses.length === 1) return ofUse(uses[0]!);
  const parts = uses.map((use, u): Factor => {
    const own = ofUse(use);
    const value = own.reduce((product, factor) => product * factor.value, 1);
    return { name: `use${u + 1}`, value, op: 'product', parts: own };
  });
  return [{ name: 'uses', value: parts.reduce((sum, { value }) => sum + value, 0), op: 'sum', parts }];
}

/** A count or time as a result carries it. */
export function factorOf(name: string, value: Value, scope: FactorScope): Factor {
  if (typeof value === 'number') {
    const from = keyOf(name, scope);
    return from === null ? { name, value } : { name, value, from };
  }
  const from = value.from === null ? {} : { from: `constants.${value.from}` };
  const parts = partsOf(value, scope);
  if (value.op === 'given') return { name, value: value.value, ...from };
  return { name, value: value.value, ...from, op: value.op, ...(parts.length === 0 ? {} : { parts }) };
}

function partsOf({ parts }: Count, scope: FactorScope): Factor[] {
  if (isLayers(parts))
    return parts.map(({ name, layer, use, count }) => factorOf(name, count, { ...scope, layer, use }));
  const factors: Factor[] = [];
  for (const name in parts) {
    // Cast: the keys of parts are names of factors.
    const part = parts[name as FactorName];
    if (part !== undefined) factors.push(factorOf(name, part, scope));
  }
  return factors;
}

const isLayers = (parts: Count['parts']): parts is Extract<Count['parts'], readonly unknown[]> => Array.isArray(parts);

/** The figure of the result that a factor is; null for those that are none. */
function keyOf(name: string, { machine, layer, use, stage, buffer }: FactorScope): string | null {
  const { key, place, layer: ofLayer, stage: ofStage, buffer: ofBuffer }: FactorDeclaration = declared(name);
  if (key !== undefined) return key;
  if (ofStage !== undefined && stage !== null) return `stages.${stage.name}.${ofStage}`;
  if (ofBuffer !== undefined && buffer !== null) return `buffers.${buffer}.${ofBuffer}`;
  const plan = machine.plans[layer - 1];
  if (plan === undefined) return null;
  if (ofLayer !== undefined) return `layers.${plan.layer.name}.${ofLayer}`;
  return place === undefined ? null : machine.partOf(layer)!.keyOf(layer, place, use);
}

const DECLARED: ReadonlyMap<string, FactorDeclaration> = new Map(Object.entries(FACTORS));
const UNDECLARED: FactorDeclaration = { says: '' };

const declared = (name: string): FactorDeclaration => DECLARED.get(name) ?? UNDECLARED;
