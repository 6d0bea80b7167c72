// Made by scripts/list-components.mjs from the files of catalogue/: npm run components.

export { activation } from '../catalogue/activation.js';
export { adc } from '../catalogue/adc.js';
export { add } from '../catalogue/add.js';
export { buffer } from '../catalogue/buffer.js';
export { bus } from '../catalogue/bus.js';
export { chipLink } from '../catalogue/chip-link.js';
export { controller } from '../catalogue/controller.js';
export { crossbar } from '../catalogue/crossbar.js';
export { dac } from '../catalogue/dac.js';
export { dispatch } from '../catalogue/dispatch.js';
export { gradientAdder } from '../catalogue/gradient-adder.js';
export { integrateFire } from '../catalogue/integrate-fire.js';
export { mac } from '../catalogue/mac.js';
export { optimizer } from '../catalogue/optimizer.js';
export { pooling } from '../catalogue/pooling.js';
export { register } from '../catalogue/register.js';
export { router } from '../catalogue/router.js';
export { sampleHold } from '../catalogue/sample-hold.js';
export { scatterAdder } from '../catalogue/scatter-adder.js';
export { shiftAdd } from '../catalogue/shift-add.js';
export { spikeDriver } from '../catalogue/spike-driver.js';
export { spinNeuron } from '../catalogue/spin-neuron.js';
export { tileRegister } from '../catalogue/tile-register.js';
export { vector } from '../catalogue/vector.js';
export { verticalAdder } from '../catalogue/vertical-adder.js';
export { weightMemory } from '../catalogue/weight-memory.js';
