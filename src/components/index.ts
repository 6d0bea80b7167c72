// Components of the hardware: declarations, schema, constants.

export {
  actionOf,
  BESIDE_ARRAYS,
  COMPONENTS,
  COMPONENT_NAMES,
  declarationOf,
  driverOf,
  DRIVER_KINDS,
  knownComponent,
  sensorOf,
  SENSING_KINDS,
  type ActionName,
  type ComponentName,
  type SensingKind,
} from './components.js';
export {
  INSTANCE_SCOPES,
  type ActionDeclaration,
  type ComponentDeclaration,
  type InstanceScope,
  type JoinPlaces,
  type Written,
  type Service,
} from './declare.js';
export { parseDuration, type Duration } from './quantities.js';
export {
  componentsSchema,
  deviceSchema,
  type ComponentParameters,
  type ComponentsConfig,
  type DeviceConfig,
} from './constant-trees.js';
export { Constants } from './constants.js';
export {
  Count,
  ceilOver,
  largest,
  largestOfLayers,
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
