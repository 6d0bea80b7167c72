// Kernels of the functional simulation; `node scripts/make-kernels.mjs` compiles them (AssemblyScript, SIMD).

export { dgemm, igemm, sgemm } from './gemm';
export { fold32, fold64, gather16, gather64, gatherSlots, panels32, panels64, quads } from './gather';
export { senseSums } from './sense';
export { lineSums, noisyLineSums } from './sums';
