import { denseChain, loaded } from './test/helpers.js';
import { simulate } from './src/simulation/index.js';
for (const [p, mode, n] of [['pipelayer','inference',3000],['pipelayer','training',3000],['digital-int8','training',500],['isaac','inference',3000]] as const) {
  try {
const c0 = process.cpuUsage().user;
const run = loaded(p, ['network=n.yaml', `workload.mode=${mode}`], { 'n.yaml': denseChain(n) });
const c1 = process.cpuUsage().user;
const { result } = simulate(run);
console.log(result.simulator.events, p, mode, n, (c1-c0)/1e6, (process.cpuUsage().user-c1)/1e6);
  } catch (e) { console.log(p, mode, String(e).slice(0,200)); }
}
