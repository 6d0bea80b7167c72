// How a hardware component is declared: once, for schema, documentation, counting and roll-up.

/** What one instance of a component serves; the config's `instances` can change it. */
export type InstanceScope =
  | /** each physical crossbar array */ 'array'
    /** each wordline of each physical array */
  | 'wordline'
  /** each bitline of each physical array */
  | 'bitline'
  /** each converter: bitlines / columns per converter, for each physical array */
  | 'converter'
  /** each copy of a layer's arrays, in each pass */
  | 'copy'
  /** each layer */
  | 'layer'
  /** each bit of buffer capacity */
  | 'bit'
  /** each core (arrays of `chip.arraysPerCore`: ISAAC's IMA, SPINDLE's core) */
  | 'core'
  /** each digital unit of `digital.units` */
  | 'unit'
  /** each lane of the vector unit of a stage (of the chip where stages share it) */
  | 'lane'
  /** each tile (chip.tiles, or as many as the arrays need) */
  | 'tile'
  /** the chip */
  | 'chip';

export interface ActionDeclaration {
  description: string;
  /** What is counted as one action. */
  per: string;
}

export interface ComponentDeclaration {
  description: string;
  actions: Record<string, ActionDeclaration>;
  scope: InstanceScope;
  /**
   * `unit`: a unit of a stage's chain, with latency and initiation interval; `read-write`: with a write latency as
   * well.
   */
  timing: 'none' | 'unit' | 'read-write';
}

/** Keeps the literal names of components and actions as types. */
export function declareComponents<const T extends Record<string, ComponentDeclaration>>(components: T): T {
  return components;
}
