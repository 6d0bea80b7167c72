// `xbarflow quantize MODEL`: a trained model in another number format, with the errors by layer.

import { readFileSync } from 'node:fs';
import { UserError, suggestion } from '../../config/index.js';
import { quantizeModel, type QuantizedLayer, type QuantizeOptions } from '../../experiment/quantize.js';
import { METHODS, type Method } from '../../numerics/quantizers/index.js';
import { table, toCsv } from '../../report/index.js';
import { readTensors, writeNpz, writeSafetensors, type Tensor } from '../../workload/tensors/index.js';
import type { QuantizeFlags } from '../flags.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';

export async function quantize(flags: QuantizeFlags): Promise<void> {
  const options = optionsOf(flags);
  const tensors = await readModel(flags.model);
  const importance = flags.importance === undefined ? undefined : await readModel(flags.importance);
  const model = quantizeModel(tensors, options, importance);
  const document = {
    schema: 'xbarflow/quantize@1', model: flags.model, method: flags.method, bits: flags.bits, per: flags.per, zero: flags.zero, rounding: flags.rounding, importance: flags.importance ?? null,
    layers: model.layers,
  };
  const json = `${JSON.stringify(document, null, 2)}\n`;
  const csv = toCsv(model.layers.map(row));
  if (flags.out !== undefined) {
    const metadata = { quantization: `${flags.method}, ${flags.bits} bits, per ${flags.per}` };
    const files = { 'model.safetensors': writeSafetensors(model.tensors, metadata), 'model.npz': writeNpz(model.tensors), 'codes.npz': writeNpz(model.codes), 'layers.csv': csv, 'quantize.json': json };
    for (const path of writeFiles(flags.out, files)) say(flags, `wrote ${path}`);
  }
  if (flags.format === 'json') print(json);
  else if (flags.format === 'csv') print(csv);
  else print(layerTable(model.layers));
}

/** Checks what yargs does not. */
function optionsOf(flags: QuantizeFlags): QuantizeOptions {
  const { method, bits, per, biases, zero, rounding, only, start, steps } = flags;
  if (!isMethod(method)) throw new UserError(`--method: found "${method}", expected one of ${METHODS.join(', ')}${suggestion(method, METHODS)}`);
  const whole = (name: string, value: number | undefined, least: number, most: number): void => {
    if (value !== undefined && (!Number.isInteger(value) || value < least || value > most)) throw new UserError(`--${name}: found ${value}, expected a whole number from ${least} to ${most}`);
  };
  whole('bits', bits, 1, 16);
  whole('fraction-bits', flags.fractionBits, -200, 200);
  whole('exponent-bits', flags.exponentBits, 0, 8);
  for (const [name, value] of [['range-exponent', flags.rangeExponent], ['density-exponent', flags.densityExponent]] as const) {
    if (!(value >= 0 && value < 100)) throw new UserError(`--${name}: found ${value}, expected a number from 0 to below 100`);
  }
  if (steps !== 1 && steps !== 2 && steps !== 4 && steps !== 8) throw new UserError(`--steps: found ${steps}, expected 1, 2, 4 or 8`);
  return {
    method, bits, per, biases, zero, rounding, only, start, stepsPerOctave: steps, seed: flags.seed ?? 1,
    exponents: { range: flags.rangeExponent, density: flags.densityExponent },
    ...(flags.fractionBits === undefined ? {} : { fractionBits: flags.fractionBits }),
    ...(flags.exponentBits === undefined ? {} : { exponentBits: flags.exponentBits }),
  };
}

const isMethod = (name: string): name is Method => (METHODS as readonly string[]).includes(name);

async function readModel(path: string): Promise<Tensor[]> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${(error as Error).message}`);
  }
  return readTensors(bytes, path);
}

/** A row of the CSV: lists as JSON. */
const row = ({ shape, fractionBits, codebooks, ...rest }: QuantizedLayer): Record<string, unknown> => ({
  ...rest, shape: shape.join('x'), fractionBits: fractionBits === null ? null : fractionBits.join(' '), codebook: codebooks === null ? null : JSON.stringify(codebooks),
});

const SHOWN_LEVELS = 4;

function layerTable(layers: readonly QuantizedLayer[]): string {
  const short = (x: number): string => String(Number(x.toPrecision(4)));
  const grid = ({ fractionBits, codebooks }: QuantizedLayer): string => {
    const shared = fractionBits ?? codebooks;
    if (shared === null) return '';
    if (shared.length > 1) return `${shared.length} channels`;
    if (fractionBits !== null) return `fraction bits ${fractionBits[0]!}`;
    const [levels = []] = codebooks ?? [];
    return levels.length <= SHOWN_LEVELS ? levels.map(short).join(' ') : `${short(levels[0]!)} .. ${short(levels.at(-1)!)} (${levels.length})`;
  };
  return table(
    ['tensor', 'shape', 'SNR, dB', 'max error', 'saturated', 'values', 'codebook'],
    layers.map((layer) => [layer.name, layer.shape.join('x'), layer.snrDb === null ? 'exact' : layer.snrDb.toFixed(2), short(layer.maxError), String(layer.saturated), String(layer.levels), grid(layer)]),
    terminalStyle(),
    2,
  );
}
