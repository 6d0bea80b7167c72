// Maps and sliding windows in rows and columns, as the hardware sees them.

/** Channels x height x width, over `steps` time steps. Vectors are 1 x 1 maps. */
export interface Shape {
  c: number;
  h: number;
  w: number;
  steps: number;
}

/** Rows and columns. */
export interface Pair {
  h: number;
  w: number;
}

/** Rows and columns of padding on each side. */
export interface Padding {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A sliding window, resolved. */
export interface Window {
  kernel: Pair;
  stride: Pair;
  padding: Padding;
  dilation: Pair;
}
