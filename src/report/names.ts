// Names for people of knobs that sweeps move; the key of the config stands behind them in brackets.

const KNOB_WORDS: Readonly<Record<string, string>> = {
  'crossbar.rows': 'rows of an array',
  'crossbar.columns': 'columns of an array',
  'crossbar.cellBits': 'bits of a cell',
  'crossbar.device': 'cell device',
  'weights.bits': 'bits of a weight',
  'weights.sign': 'signs of weights',
  'weights.copies': 'copies of weights',
  'inputs.bits': 'bits of an input',
  'inputs.bitsPerSlot': 'input bits a slot',
  'inputs.density': 'share of ones in inputs',
  'sensing.bits': 'bits of a converter',
  'sensing.columnsPerConverter': 'columns a converter',
  'mapping.replication.steps': 'steps of a layer',
  'mapping.replication.arrays': 'arrays at most',
  'gradient.steps': 'steps of a gradient',
  'workload.batch': 'images of a batch',
  'workload.images': 'images',
  'chip.clock': 'clock',
  network: 'network',
};

/** A knob in words with its key: `rows of an array (crossbar.rows)`; the key alone where it has no words. */
export const knobTitle = (key: string): string => {
  const words = KNOB_WORDS[key];
  return words === undefined || words === key ? key : `${words} (${key})`;
};
