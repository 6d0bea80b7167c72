// The kernel's public face: a discrete-event simulator of servers and buffers that knows no hardware.

export { Buffers } from './buffers.js';
export { InvariantChecker } from './checks.js';
export { compiled } from './compiled.js';
export { EventQueue } from './event-queue.js';
export { ExactSums } from './exact-sums.js';
export { chainService, runChain, runStages, type StageLine, type Unit } from './lines.js';
export { mapped } from './lists.js';
export type { Observer, ServiceTimes } from './observer.js';
export type { Queue } from './queue.js';
export { Servers } from './servers.js';
export { InvariantError, Simulator } from './simulator.js';
