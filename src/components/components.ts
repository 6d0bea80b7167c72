// The components that the simulator knows, from their files: names, actions, and who senses and drives.

import { InvariantError } from '../kernel/index.js';
import * as catalogue from './generated/catalogue.js';
import { PLACES_OF_ARRAYS, type ComponentDeclaration } from './declare.js';

type Catalogue = typeof catalogue;

/** Name of a component, as in the config's `components`. */
export type ComponentName = keyof Catalogue;

/** Names of a component's actions. */
export type ActionName<C extends ComponentName = ComponentName> = {
  [D in C]: keyof Catalogue[D]['actions'] & string;
}[C];

/**
 * The components of docs/model.md section 4. Energy per action, latency, initiation interval, area and leakage of each
 * stand in the config (`components.<name>`), with their sources; those of a crossbar and of ReRAM buffers come from the
 * device.
 */
export const COMPONENTS: Catalogue = catalogue;

/** True for the name of a component. */
const isComponent = (name: string): name is ComponentName => Object.hasOwn(catalogue, name);

/** Names of all components, in the order in which a wave passes them. */
export const COMPONENT_NAMES: readonly ComponentName[] = Object.keys(catalogue)
  .filter(isComponent)
  .sort((a, b) => catalogue[a].order - catalogue[b].order);

/** The declaration of a component, without what only its own file knows of it. */
export const declarationOf = (name: ComponentName): ComponentDeclaration => catalogue[name];

/** The declaration of a component that a result names, which another version may have made; undefined if unknown. */
export const knownComponent = (name: string): ComponentDeclaration | undefined =>
  isComponent(name) ? declarationOf(name) : undefined;

/** A declared action by its name. @throws InvariantError where the component has no such action. */
export function actionOf<C extends ComponentName>(component: C, action: string): ActionName<C> {
  const has = (name: string): name is ActionName<C> => Object.hasOwn(declarationOf(component).actions, name);
  if (!has(action)) throw new InvariantError(`an action is declared: ${component} has no ${action}`);
  return action;
}

/** An action of a component. */
export interface ComponentAction {
  readonly component: ComponentName;
  readonly action: ActionName;
}

type KindOf<K extends 'senses' | 'drives'> = {
  [C in ComponentName]: Catalogue[C] extends Record<K, { kind: infer Kind extends string }> ? Kind : never;
}[ComponentName];

/** What `sensing.kind` may be: each is a component that senses lines. */
export type SensingKind = KindOf<'senses'>;

/** What `driver.kind` may be: each is a component that drives lines. */
export type DriverKind = KindOf<'drives'>;

const kindsOf = (key: 'senses' | 'drives'): ReadonlyMap<string, ComponentName> =>
  new Map(
    COMPONENT_NAMES.flatMap((name) => {
      const kind = declarationOf(name)[key]?.kind;
      return kind === undefined ? [] : [[kind, name] as const];
    }),
  );

const SENSORS = kindsOf('senses');
const DRIVERS = kindsOf('drives');

/** Kinds of sensing, in the order of their components. */
export const SENSING_KINDS: readonly SensingKind[] = [...SENSORS.keys()].filter((kind): kind is SensingKind =>
  SENSORS.has(kind),
);

/** Kinds of drivers, in the order of their components. */
export const DRIVER_KINDS: readonly DriverKind[] = [...DRIVERS.keys()].filter((kind): kind is DriverKind =>
  DRIVERS.has(kind),
);

/** The component that senses lines for a kind of sensing, and what acts for each line and slot, itself first. */
export function sensorOf(kind: SensingKind): { component: ComponentName; actions: readonly ComponentAction[] } {
  const component = SENSORS.get(kind)!;
  const { action, beside } = declarationOf(component).senses!;
  const all = beside === undefined ? [{ component, action }] : [{ component, action }, beside];
  return { component, actions: all.map((of) => componentAction(of.component, of.action)) };
}

/** A component and its action by their names. @throws InvariantError where there is no such component or action. */
function componentAction(component: string, action: string): ComponentAction {
  if (!isComponent(component)) throw new InvariantError(`a component is declared: ${component}`);
  return { component, action: actionOf(component, action) };
}

/** The component that drives lines for a kind of driver, its action, and what it is counted by. */
export function driverOf(kind: DriverKind): ComponentAction & { counts: 'ones' | 'lines' } {
  const component = DRIVERS.get(kind)!;
  const { action, counts } = declarationOf(component).drives!;
  return { component, action: actionOf(component, action), counts };
}

/** Components that are built with arrays where a config has their constants: those that count at a place of arrays. */
export const BESIDE_ARRAYS: readonly ComponentName[] = COMPONENT_NAMES.filter((name) =>
  PLACES_OF_ARRAYS.some((place) => declarationOf(name).joins?.[place] !== undefined),
);
