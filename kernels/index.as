// Kernels of the functional simulation; `node scripts/make-kernels.mjs` compiles them (AssemblyScript, SIMD).

export { dgemm, igemm, sgemm } from './gemm';
export { gather16, gather64, gatherSlots } from './gather';
export { senseSums } from './sense';
export { lineSums, noisyLineSums } from './sums';
