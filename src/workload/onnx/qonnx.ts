// QONNX's operators, which Brevitas and FINN write: values of any number of bits, as nodes of ONNX's.

import { keysOf } from '../../config/typed.js';
import { laidOut, type Work } from './work.js';

/** The domains under which exporters write them. */
export const QONNX_DOMAINS: readonly string[] = ['qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general'];

/** Operators by name, and what they are laid out into. */
export const QONNX = laidOut([
  ['Quant', quant],
  ['BipolarQuant', (work) => bipolar(work, work.read(0), work.read(1))],
]);

/** ONNX's rounding by QONNX's name of it. */
const ROUNDING = { ROUND: 'Round', HALF_EVEN: 'Round', CEIL: 'Ceil', FLOOR: 'Floor' } as const;

/** Bits that a number in single precision holds exactly. */
const MOST_BITS = 24;

/**
 * scale (round(clip(x / scale + zero point)) - zero point): the bounds are those of so many bits, signed or not; narrow
 * leaves out the value that has no opposite, unsigned the largest. One signed bit is -1 or 1.
 */
function quant(work: Work): string {
  const { context } = work;
  const [x, scale] = [work.read(0), work.read(1)];
  const [bits = 0, ...others] = context.numbers(3, 'its bit width') ?? context.fail('its bit width is missing');
  if (others.length > 0 || !Number.isInteger(bits) || bits < 1 || bits > MOST_BITS)
    context.fail(`its bit width is ${[bits, ...others].join(', ')}, expected one from 1 to ${MOST_BITS}`);
  const isSigned = context.attributes.int('signed', 1) !== 0;
  const isNarrow = context.attributes.int('narrow', 0) !== 0;
  if (bits === 1 && isSigned) return bipolar(work, x, scale);
  const rounding = ROUNDING[context.word('rounding_mode', keysOf(ROUNDING), 'ROUND')];
  const most = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - (isNarrow ? 2 : 1);
  const least = !isSigned ? 0 : isNarrow ? -most : -most - 1;
  const zeroPoint = context.value(2);
  const isCentred = zeroPoint?.kind === 'constant' && zeroPoint.constant.numbers().every((value) => value === 0);

  const steps = work.add('Div', [x, scale]);
  const moved = isCentred ? steps : work.add('Add', [steps, work.read(2)]);
  const inside = work.add('Clip', [moved, work.number(least), work.number(most)]);
  const code = work.add(rounding, [inside]);
  return work.add('Mul', [isCentred ? code : work.add('Sub', [code, work.read(2)]), scale]);
}

/** scale where x is 0 or more, else -scale */
function bipolar(work: Work, x: string, scale: string): string {
  const isHigh = work.add('GreaterOrEqual', [x, work.number(0)]);
  return work.add('Where', [isHigh, scale, work.add('Neg', [scale])]);
}
