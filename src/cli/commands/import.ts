// `xbarflow import FILE`: a model or table of another program as a network file, with its weights.

import { visible } from '../../config/escape.js';
import { existsSync, statSync } from 'node:fs';
import { UserError } from '../../config/index.js';
import { toCsv } from '../../report/index.js';
import { table } from '../../report/terminal/index.js';
import { writeSafetensors } from '../../tensors/index.js';
import { foreignWeights, isForeign, FOREIGN_ENDINGS } from '../../workload/foreign.js';
import { readForeign } from '../../workload/foreign.node.js';
import { networkText } from '../../workload/yaml/text.js';
import type { ImportReport, ReportedNode } from '../../workload/import-report.js';
import { command } from '../command.js';
import { listFlag, SHAPE_FLAG } from '../flags.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { checkShapes, shapesOf } from '../shapes.js';
import { finiteJson } from '../../result/finite.js';
import { grouped } from '../../config/numbers.js';

/** `xbarflow import`. */
export const importCommand = command({
  usage: 'import <file>',
  describe:
    'A network of another program (ONNX; layers of NeuroSim, SCALE-Sim, Timeloop, ZigZag) as network file and weights',
  order: 65,
  arguments: {
    file: {
      type: 'string',
      demandOption: true,
      describe: 'model.onnx, NetWork.csv, topology.csv, layers.yaml, or a folder of Timeloop layers',
    },
  },
  flags: {
    ...SHAPE_FLAG,
    outputs: listFlag(
      'ONNX: a tensor at which the network ends, in place of its outputs: --outputs boxes (repeatable)',
    ),
  },
  run: (flags) => {
    if (!isForeign(flags.file) && !(existsSync(flags.file) && statSync(flags.file).isDirectory()))
      throw new UserError(
        `${flags.file}: cannot tell what file it is; expected one ending in ${FOREIGN_ENDINGS.join(', ')}`,
      );
    const shapes = shapesOf(flags.shape);
    const symbols = new Set<string>();
    if (flags.outputs.length > 0 && !flags.file.toLowerCase().endsWith('.onnx'))
      throw new UserError(`--outputs: ${flags.file} has no tensors to end at; expected an ONNX file`);
    const ends = flags.outputs.length > 0 ? { outputs: flags.outputs } : {};
    const network = readForeign(flags.file, { shapes, symbols, ...ends, maxMemory: flags.maxMemory });
    checkShapes(shapes, symbols);
    const { report } = network;
    const json = finiteJson(report, flags.file);
    if (flags.out !== undefined) {
      const files: Record<string, string | Uint8Array> = {
        'network.yaml':
          `# ${report.name}, imported from ` +
          `${flags.file.replace(/^.*[/\\]/, '')}\n${networkText(network.loaded.tree)}`,
        'layers.csv': toCsv(report.nodes.map(row)),
        'import.json': json,
      };
      try {
        if (network.weights.length > 0) files['weights.safetensors'] = writeSafetensors(foreignWeights(network));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        say(flags, `note: no weights written: ${error.message}`);
      }
      for (const path of writeFiles(flags.out, files)) say(flags, `wrote ${path}`);
    }
    if (flags.format === 'json') print(json);
    else if (flags.format === 'csv') print(toCsv(report.nodes.map(row)));
    else print(tableOf(report));
  },
});

const COLUMNS = [
  'name',
  'operator',
  'place',
  'rows',
  'columns',
  'groups',
  'positions',
  'macs',
  'parameters',
  'biases',
  'elements',
  'windowPlaces',
] as const satisfies readonly (keyof ReportedNode)[];

const row = (node: ReportedNode) => Object.fromEntries(COLUMNS.map((key) => [key, node[key]]));

function tableOf(report: ImportReport): string {
  const shown = report.nodes.filter(({ place }) => place !== 'folded');
  const head = [
    'node',
    'operator',
    'place',
    'rows',
    'columns',
    'groups',
    'positions',
    'MACs',
    'parameters',
    'elements',
  ];
  const lines = shown.map((node) => [
    node.name,
    node.operator,
    node.place,
    ...[node.rows, node.columns, node.groups, node.positions, node.macs, node.parameters, node.elements].map((value) =>
      value === 0 ? '' : grouped(value),
    ),
  ]);
  const { macs, parameters, biases } = report.totals;
  const total = `${grouped(macs)} multiply-accumulates, ${grouped(parameters)} ` + `weights, ${grouped(biases)} biases`;
  return (
    `${table(head, lines, terminalStyle())}\n${visible(report.name)}: ${total}, ` +
    `${report.nodes.length - shown.length} nodes folded`
  );
}
