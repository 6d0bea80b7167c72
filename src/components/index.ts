// Components of the hardware: declarations, schema, constants.

export { COMPONENTS, COMPONENT_NAMES, type ActionName, type ComponentName } from './components.js';
export type { ActionDeclaration, ComponentDeclaration, InstanceScope } from './declare.js';
export type { Duration } from './quantities.js';
export {
  componentsSchema,
  deviceSchema,
  type ComponentParameters,
  type ComponentsConfig,
  type DeviceConfig,
} from './schema.js';
export { Constants } from './constants.js';
export {
  Count,
  ceilOver,
  largest,
  less,
  levelsOf,
  ofLayers,
  over,
  plus,
  roundedTimes,
  smallest,
  timeOf,
  times,
  valueOf,
  type CountOp,
  type LayerPart,
  type Parts,
  type Value,
} from './count.js';
export { FACTORS, type FactorDeclaration, type FactorName } from './factors.js';
