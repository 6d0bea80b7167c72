// Sizes of a machine drawing: roomy or short boxes on a screen, and a form for paper whose letters measure 7 points.

/** Sizes in pixels; `lines` of text stand under a box's heading. */
export interface Form {
  name: 'roomy' | 'short' | 'paper';
  boxWidth: number;
  box: number;
  gap: number;
  bufferWidth: number;
  bufferHeight: number;
  /** Where the first layer stands, and the boxes of stages without a layer; their height. */
  top: number;
  upper: number;
  small: number;
  lane: number;
  margin: number;
  /** Letters of headings and of text, and about the width of one. */
  head: number;
  text: number;
  letter: number;
}

const ROOMY: Form = {
  name: 'roomy',
  boxWidth: 250,
  box: 118,
  gap: 34,
  bufferWidth: 132,
  bufferHeight: 30,
  top: 104,
  upper: 42,
  small: 36,
  lane: 9,
  margin: 24,
  head: 12,
  text: 9.5,
  letter: 5.9,
};
const SHORT: Form = { ...ROOMY, name: 'short', box: 46, gap: 26, bufferHeight: 21 };
const PAPER: Form = {
  ...ROOMY,
  name: 'paper',
  boxWidth: 148,
  box: 52,
  gap: 25,
  bufferWidth: 100,
  bufferHeight: 21,
  top: 92,
  upper: 30,
  small: 30,
  lane: 6,
  margin: 20,
  head: 9.6,
  text: 9.4,
};

/** Layers from which boxes on a screen shrink, so that a deep network stays in sight. */
const SHORT_FROM = 25;

/** The form of a drawing of so many layers. */
export const formOf = (layers: number, paper: boolean): Form => (paper ? PAPER : layers >= SHORT_FROM ? SHORT : ROOMY);

/** Layers from which blocks that repeat are drawn once: on a screen, and on paper, which does not scroll. */
const FOLD_FROM = 25;
const FOLD_ON_PAPER_FROM = 20;
/** Layers of a block at most. */
const LONGEST_BLOCK = 8;

/** A row of the drawing: the layers that it stands for, the first drawn; `block` repeats `times` times. */
export interface Row {
  layers: number[];
  block: { first: boolean; last: boolean; times: number } | null;
}

/** Rows of layers with these signatures: a block that repeats at once is drawn once. */
export function rowsOf(signatures: readonly string[], paper: boolean): Row[] {
  const rows: Row[] = [];
  const whole = signatures.length < (paper ? FOLD_ON_PAPER_FROM : FOLD_FROM);
  for (let at = 0; at < signatures.length;) {
    const { period, times } = whole ? { period: 1, times: 1 } : blockAt(signatures, at);
    for (let i = 0; i < period; i++)
      rows.push({
        layers: Array.from({ length: times }, (_, n) => at + i + n * period),
        block: times === 1 ? null : { first: i === 0, last: i === period - 1, times },
      });
    at += period * times;
  }
  return rows;
}

/** The block at a layer that saves most rows. */
function blockAt(signatures: readonly string[], at: number): { period: number; times: number } {
  let best = { period: 1, times: 1 };
  for (let period = 1; period <= LONGEST_BLOCK; period++) {
    let end = at + period;
    while (end < signatures.length && signatures[end] === signatures[end - period]) end++;
    const times = Math.floor((end - at) / period);
    if (period * (times - 1) > best.period * (best.times - 1)) best = { period, times };
  }
  return best;
}
