// A sweep from a program: points on worker threads, then the front of its objectives.
import { fileURLToPath } from 'node:url';
import { sweep } from 'xbarflow/node';

const [, , out = 'results/example-sweep'] = process.argv;
const file = fileURLToPath(new URL('array-size.yaml', import.meta.url));
const { report, analysis } = await sweep(file, { out, workers: 1 });
console.log(`${report.done} points simulated, ${report.kept} kept; front: points ${analysis.front.join(', ')}`);
