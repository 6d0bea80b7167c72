// A program over the library: two designs, their ratio, and how a figure came about.
import { compare, explain, load, simulate } from 'xbarflow';

const attack = { network: 'lisa-cnn', workload: { mode: 'attack', iterations: 3 } };
const results = [];
for (const design of ['pipelayer', 'a3']) {
  const { result } = simulate(await load({ extends: design, ...attack }));
  results.push(result);
  console.log(`${result.architecture}: ${result.time.totalS} s, ${result.energy.totalJ} J`);
}

const { rows } = compare(results);
const energy = rows.find(({ metric, architecture }) => metric === 'energy.totalJ' && architecture === 'a3');
console.log(`energy of a3 is ${energy.ratio.toPrecision(4)} of pipelayer's: ${energy.cause}`);

const { derivation } = explain(results[0], 'energy.totalJ');
for (const { name } of derivation.parts) console.log(`  made of ${name}`);
