// `node bench/kernel/instructions.mjs`: instructions of the processor an event of exact simulation takes, counted by
// Valgrind's cachegrind. Two runs of unlike length, so that start and compilation fall out of the difference.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));
const [few, many] = [128, 384].map((images) => {
  const { status, stdout, stderr } = spawnSync(
    'valgrind',
    [
      // V8 writes the code that it runs.
      '--smc-check=all-non-file',
      '--tool=cachegrind',
      '--cache-sim=no',
      '--cachegrind-out-file=/dev/null',
      process.execPath,
      program,
      ...`run pipelayer --set network=vgg-d --set workload.images=${images} --exact --quiet --format json`.split(' '),
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`valgrind: ${stderr}`);
  const instructions = Number(/I\s+refs:\s+([\d,]+)/.exec(stderr)[1].replaceAll(',', ''));
  return { instructions, events: JSON.parse(stdout).simulator.events };
});
const each = (many.instructions - few.instructions) / (many.events - few.events);
console.log(
  `${Math.round(each)} instructions an event (VGG-D training on PipeLayer, ${many.events} events less ${few.events})`,
);
