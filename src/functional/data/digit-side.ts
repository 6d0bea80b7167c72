// The size of drawn digits, for those who do not draw.

/** Side of a drawn digit's picture in pixels, as MNIST's. */
export const DIGIT_SIDE = 28;
