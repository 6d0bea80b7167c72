// Kernels of the functional simulation; `node scripts/make-kernels.mjs` compiles them (AssemblyScript, SIMD).

export { dgemm, igemm, sgemm } from './gemm';
export { senseSums } from './sense';
export { lineSums, noisyLineSums, spreadSlots } from './sums';
