// Configs of many points, checked part by part: a part of the tree that is the same object as before is not checked
// again.

import type { z } from 'zod';
import { configSchema, type Config } from '../../run-config/index.js';
import { isTree, type Tree, type TreeValue } from '../../config/index.js';
import { COMPONENT_NAMES, componentsSchema } from '../../components/index.js';

/** A part that is wrong; the full check names what of it. */
export class Refused extends Error {
  override name = 'Refused';
}

type Check<T> = (value: TreeValue | undefined) => T;

/** A check that remembers what it said of a tree. */
function remembered<T>(check: Check<T>): Check<T> {
  const known = new WeakMap<Tree, { data: T }>();
  return (value) => {
    if (!isTree(value)) return check(value);
    let entry = known.get(value);
    if (entry === undefined) {
      entry = { data: check(value) };
      known.set(value, entry);
    }
    return entry.data;
  };
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new Refused();
  return data;
}

const checkOf = <T>(schema: z.ZodType<T>): Check<T> => remembered((value) => checked(schema, value));

function componentsCheck(): Check<Config['components']> {
  const checks = new Map<string, Check<Config['components']>>(
    COMPONENT_NAMES.map((name) => [name, remembered((value) => checked(componentsSchema, { [name]: value }))]),
  );
  return remembered((value) => {
    if (value === undefined) return {};
    if (!isTree(value) || Object.keys(value).some((name) => !checks.has(name))) throw new Refused();
    const all: Config['components'] = {};
    for (const [name, check] of checks) if (value[name] !== undefined) Object.assign(all, check(value[name]));
    return all;
  });
}

/** Checks configs as `configSchema` does. */
export class CheckedParts {
  readonly #checks = {
    name: checkOf(configSchema.shape.name),
    description: checkOf(configSchema.shape.description),
    source: checkOf(configSchema.shape.source),
    network: checkOf(configSchema.shape.network),
    workload: checkOf(configSchema.shape.workload),
    crossbar: checkOf(configSchema.shape.crossbar),
    device: checkOf(configSchema.shape.device),
    digital: checkOf(configSchema.shape.digital),
    weights: checkOf(configSchema.shape.weights),
    inputs: checkOf(configSchema.shape.inputs),
    driver: checkOf(configSchema.shape.driver),
    mapping: checkOf(configSchema.shape.mapping),
    gradient: checkOf(configSchema.shape.gradient),
    neurons: checkOf(configSchema.shape.neurons),
    sensing: checkOf(configSchema.shape.sensing),
    pooling: checkOf(configSchema.shape.pooling),
    pipeline: checkOf(configSchema.shape.pipeline),
    buffers: checkOf(configSchema.shape.buffers),
    chip: checkOf(configSchema.shape.chip),
    links: checkOf(configSchema.shape.links),
    vector: checkOf(configSchema.shape.vector),
    dynamic: checkOf(configSchema.shape.dynamic),
    components: componentsCheck(),
    functional: checkOf(configSchema.shape.functional),
    training: checkOf(configSchema.shape.training),
    attack: checkOf(configSchema.shape.attack),
    model: checkOf(configSchema.shape.model),
    data: checkOf(configSchema.shape.data),
    test: checkOf(configSchema.shape.test),
    simulation: checkOf(configSchema.shape.simulation),
  } satisfies { [K in keyof Config]-?: Check<Config[K]> };

  /** The checked config; laws must have been worked out. @throws Refused where anything is wrong with it. */
  config(tree: Tree): Config {
    const of = this.#checks;
    if (Object.keys(tree).some((key) => !Object.hasOwn(of, key))) throw new Refused();
    // Written out: configs put together key by key or by spreading have a hidden class each, and all code that reads
    // them is compiled again and again.
    return {
      name: of.name(tree.name),
      description: of.description(tree.description),
      source: of.source(tree.source),
      network: of.network(tree.network),
      workload: of.workload(tree.workload),
      crossbar: of.crossbar(tree.crossbar),
      device: of.device(tree.device),
      digital: of.digital(tree.digital),
      weights: of.weights(tree.weights),
      inputs: of.inputs(tree.inputs),
      driver: of.driver(tree.driver),
      mapping: of.mapping(tree.mapping),
      gradient: of.gradient(tree.gradient),
      neurons: of.neurons(tree.neurons),
      sensing: of.sensing(tree.sensing),
      pooling: of.pooling(tree.pooling),
      pipeline: of.pipeline(tree.pipeline),
      buffers: of.buffers(tree.buffers),
      chip: of.chip(tree.chip),
      links: of.links(tree.links),
      vector: of.vector(tree.vector),
      dynamic: of.dynamic(tree.dynamic),
      components: of.components(tree.components),
      functional: of.functional(tree.functional),
      training: of.training(tree.training),
      attack: of.attack(tree.attack),
      model: of.model(tree.model),
      data: of.data(tree.data),
      test: of.test(tree.test),
      simulation: of.simulation(tree.simulation),
    } satisfies Record<keyof Config, unknown>;
  }
}
