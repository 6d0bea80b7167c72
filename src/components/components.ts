// Every component the simulator knows: its actions, what one action and one instance are.

import { declareComponents } from './declare.js';

/**
 * The components of docs/model.md section 4. Energy per action, latency, initiation interval, area and leakage of each stand
 * in the config
 * (`components.<name>`), with their sources; a crossbar's and a ReRAM buffer's come from the device.
 */
export const COMPONENTS = declareComponents({
  crossbar: {
    description:
      'Memory cells at crossing wordlines and bitlines; a read sums currents along one of the two directions',
    actions: {
      read: {
        description: 'Applies one slot of inputs and sums currents',
        per:
          'what the device says: a driven wordline that carries a one (of an array, or through all arrays beside ' +
          'it), a crossed cell on such a wordline, or a whole array, for one slot',
      },
      write: { description: 'Programs a cell (weights of an update, neurons of a gradient)', per: 'cell' },
    },
    scope: 'array',
    timing: 'unit',
  },
  spikeDriver: {
    description: 'Drives a wordline with weighted spikes, least significant bit first (PipeLayer Sec. 4.2.1)',
    actions: { spike: { description: 'Sends one spike', per: 'wordline and slot that carries a one' } },
    scope: 'wordline',
    timing: 'none',
  },
  dac: {
    description: 'Digital-to-analog converter of a wordline',
    actions: { convert: { description: 'Sets a wordline for one slot', per: 'wordline and slot' } },
    scope: 'wordline',
    timing: 'none',
  },
  integrateFire: {
    description: 'Integrate-and-fire circuit and counter of a bitline, in place of an ADC (PipeLayer Sec. 4.2.2)',
    actions: {
      integrate: {
        description: 'Integrates a bitline current and counts its output spikes',
        per: 'sensed line and slot',
      },
    },
    scope: 'bitline',
    timing: 'unit',
  },
  sampleHold: {
    description: 'Keeps bitline currents while converters work through them',
    actions: { hold: { description: 'Samples a line', per: 'sensed line and slot' } },
    scope: 'bitline',
    timing: 'none',
  },
  adc: {
    description: 'Analog-to-digital converter shared by `sensing.columnsPerConverter` lines',
    actions: { convert: { description: 'Converts one line', per: 'sensed line and slot' } },
    scope: 'converter',
    timing: 'unit',
  },
  spinNeuron: {
    description:
      'Spin neuron of a bitline: takes the current sum, applies its activation and gives a low-bit output in ' +
      'one step (SPINDLE)',
    actions: {
      fire: {
        description: 'Compares the current with the thresholds of its output levels',
        per: 'sensed line and slot',
      },
    },
    scope: 'bitline',
    timing: 'unit',
  },
  shiftAdd: {
    description:
      'Joins slots (input significance) and slices (weight significance), and takes off the offset of ' +
      'single-crossbar weights',
    actions: {
      'shift-add': { description: 'Shifts a converted value and adds it', per: 'sensed line and slot' },
      'subtract-offset': {
        description: 'Takes the shifted reference (sum of inputs) off a result',
        per: 'result of a row tile',
      },
      'sum-inputs': {
        description: 'Adds the errors that drive a transposed read, to know the offset that it adds',
        per: 'driven value',
      },
    },
    scope: 'array',
    timing: 'unit',
  },
  verticalAdder: {
    description: 'Adds the partial results of row tiles (column tiles in a transposed read)',
    actions: { add: { description: 'Adds two partial results', per: 'addition' } },
    scope: 'copy',
    timing: 'unit',
  },
  scatterAdder: {
    description: 'Adds the partial errors of overlapping receptive fields after a transposed read (col2im)',
    actions: { add: { description: 'Adds one partial error to its position', per: 'partial error' } },
    scope: 'copy',
    timing: 'unit',
  },
  gradientAdder: {
    description: 'Accumulates the weight gradients of a batch',
    actions: {
      add: { description: 'Adds a gradient to its accumulator', per: 'weight and image' },
      read: { description: 'Reads an accumulated gradient for the update', per: 'weight and batch' },
    },
    scope: 'layer',
    timing: 'unit',
  },
  activation: {
    description: "Subtractor of positive and negative results, look-up table, and the AND of errors with f'",
    actions: {
      subtract: {
        description:
          "Takes the negative array's result off the positive one's; difference of output and label; old " +
          'weight less gradient',
        per: 'value',
      },
      lookup: { description: 'Looks a value up (ReLU, sigmoid, tanh)', per: 'value' },
      mask: { description: 'Multiplies an error with the derivative of the activation', per: 'error' },
    },
    scope: 'copy',
    timing: 'unit',
  },
  pooling: {
    description:
      'Register that keeps the running maximum (or sum) of a window; arg-max index and ReLU mask where ' +
      'neurons are not kept',
    actions: {
      compare: { description: 'Compares (or adds) a value with the register', per: 'value that enters a window' },
      index: { description: 'Keeps the arg-max index and mask bit of a value', per: 'value that enters a window' },
      route: { description: 'Sends an error to its arg-max position', per: 'error of a window' },
    },
    scope: 'copy',
    timing: 'unit',
  },
  add: {
    description: 'Element-wise adder of residual connections and of errors that meet',
    actions: { add: { description: 'Adds two values', per: 'value' } },
    scope: 'copy',
    timing: 'none',
  },
  buffer: {
    description: 'Storage between stages: memory subarrays (ReRAM), eDRAM or SRAM',
    actions: {
      read: { description: 'Reads one word of `buffers.wordBits`', per: 'word' },
      write: { description: 'Writes one word of `buffers.wordBits`', per: 'word' },
    },
    scope: 'bit',
    timing: 'read-write',
  },
  register: {
    description: 'Input and output registers beside the arrays',
    actions: { access: { description: 'Writes and reads a value', per: 'value' } },
    scope: 'array',
    timing: 'none',
  },
  tileRegister: {
    description: 'Register of a tile that keeps results on their way from the arrays to the activation (ISAAC)',
    actions: { access: { description: 'Writes and reads a value', per: 'result of a vector' } },
    scope: 'tile',
    timing: 'none',
  },
  dispatch: {
    description: 'Dispatch unit of a core: sends input values to the arrays that need them (SPINDLE)',
    actions: { send: { description: 'Sends a value to one array', per: 'value and array' } },
    scope: 'core',
    timing: 'none',
  },
  mac: {
    description:
      'Digital processing unit: multiply-accumulate in a number format, shift-add (LogNet) or sum of absolute ' +
      'differences (AdderNet)',
    actions: {
      'multiply-accumulate': {
        description: 'Multiplies and accumulates (fused, or in an exact accumulator)',
        per: 'operand pair',
      },
      'shift-add': { description: 'Shifts by a logarithm and adds', per: 'operand pair' },
      l1: { description: 'Takes an absolute difference and adds it', per: 'operand pair' },
    },
    scope: 'unit',
    timing: 'unit',
  },
  weightMemory: {
    description: 'Memory that holds the weights of a digital design',
    actions: {
      read: { description: 'Reads one word of `digital.weightWordBits`', per: 'word' },
      write: { description: 'Writes one word of `digital.weightWordBits`', per: 'word' },
    },
    scope: 'bit',
    timing: 'none',
  },
  bus: {
    description: 'Wires between buffers and arrays',
    actions: { transfer: { description: 'Moves one bit', per: 'bit' } },
    scope: 'tile',
    timing: 'unit',
  },
  router: {
    description: 'Network between tiles',
    actions: { flit: { description: 'Moves one flit of `links.router.flitBits`', per: 'flit' } },
    scope: 'tile',
    timing: 'unit',
  },
  chipLink: {
    description: 'Link between chips',
    actions: { transfer: { description: 'Moves one bit', per: 'bit' } },
    scope: 'chip',
    timing: 'none',
  },
  optimizer: {
    description: 'Applies the perturbation update of an attack (sign step or Adam, mask, clip)',
    actions: { update: { description: 'Updates one input element', per: 'input element' } },
    scope: 'chip',
    timing: 'unit',
  },
  controller: {
    description: 'Starts waves and steers the stages',
    actions: { issue: { description: 'Starts one wave', per: 'wave' } },
    scope: 'chip',
    timing: 'none',
  },
});

export type ComponentName = keyof typeof COMPONENTS;
export type ActionName<C extends ComponentName> = keyof (typeof COMPONENTS)[C]['actions'] & string;

export const COMPONENT_NAMES = Object.keys(COMPONENTS) as ComponentName[];
