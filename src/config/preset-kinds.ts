// The kinds of presets, each a folder under configs/, and which of them lie on each other.

/** Kinds that make up a run's config: any of them may extend any other. */
export const RUN_KINDS = ['architectures', 'runs', 'validation', 'circuits', 'noise'] as const;

/** Every kind of preset, in the order in which they are listed. */
export const PRESET_KINDS = [
  'architectures',
  'networks',
  'devices',
  'circuits',
  'noise',
  'runs',
  'sweeps',
  'validation',
  'targets',
] as const;

/** A kind of preset. */
export type PresetKind = (typeof PRESET_KINDS)[number];

/** The kinds that a preset of this kind may name in `extends`. */
export const kindsWith = (kind: PresetKind): readonly PresetKind[] =>
  RUN_KINDS.some((one) => one === kind) ? [kind, ...RUN_KINDS.filter((other) => other !== kind)] : [kind];
