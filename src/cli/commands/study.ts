// `xbarflow study CONFIG...`: accuracy against bits of trained networks, by ways of quantizing them.

import { visible } from '../../config/escape.js';
import { diskPresets } from '../../config/files.node.js';
import { UserError } from '../../config/index.js';
import { METHOD_WORDS, STUDY_METHODS, studyNetwork, type StudiedNetwork } from '../../experiment/study/study.js';
import { toCsv } from '../../report/index.js';
import { table } from '../../report/terminal/index.js';
import { command } from '../command.js';
import { FIGURE_FLAG, RUN_FLAGS, wholeFlag } from '../flags.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { progressOf } from '../progress.js';
import { loadAnyNetworks } from '../runs.js';
import { finiteJson } from '../../result/finite.js';

/** Bits of codes that are told apart. */
const MOST_BITS = 16;

/** Numbers of a list. @throws UserError where one is no number of bits */
function bitsOf(text: string): number[] {
  return text.split(',').map((word) => {
    const bits = Number(word);
    if (!Number.isInteger(bits) || bits < 2 || bits > MOST_BITS)
      throw new UserError(`--bits: found "${word}", expected whole numbers from 2 to ${MOST_BITS}, e.g. 2,3,4,8`);
    return bits;
  });
}

/** `xbarflow study`. */
export const studyCommand = command({
  usage: 'study <configs..>',
  describe: 'Accuracy against bits of trained networks: codebooks of weights, dynamic fixed point of everything',
  order: 72,
  arguments: {
    configs: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Configs as of evaluate: network, weights, data',
    },
  },
  flags: {
    ...RUN_FLAGS,
    ...FIGURE_FLAG,
    bits: { type: 'string', requiresArg: true, default: '2,3,4,5,6,8', describe: 'Bits of a code' },
    methods: {
      type: 'string',
      requiresArg: true,
      default: STUDY_METHODS.join(','),
      describe: 'Ways of quantizing',
    },
    images: { type: 'number', requiresArg: true, describe: 'Samples (default: data.count)' },
  },
  run: async (flags) => {
    const images = wholeFlag('images', flags.images, 1);
    const bits = bitsOf(flags.bits);
    const methods = flags.methods.split(',').map((word) => {
      const method = STUDY_METHODS.find((own) => own === word);
      if (method === undefined)
        throw new UserError(`--methods: found "${word}", expected some of ${STUDY_METHODS.join(', ')}`);
      return method;
    });
    const networks: StudiedNetwork[] = [];
    const runs = await loadAnyNetworks(flags.configs, flags);
    const progress = progressOf(flags, 'study');
    for (const run of runs) {
      progress.say(networks.length / runs.length, run.network.name);
      networks.push(await studyNetwork(run, diskPresets, { methods, bits, images }));
    }
    progress.end();
    const document = { schema: 'xbarflow/study@1', methods: METHOD_WORDS, networks };
    const json = finiteJson(document, 'study');
    const csv = toCsv(
      networks.flatMap(({ network, images: count, points }) =>
        points.map((point) => ({ network, images: count, ...point })),
      ),
    );
    if (flags.out !== undefined) {
      const { studyReport } = await import('../../report/html/index.node.js');
      const { reportFiles } = await import('../../report/html/files.node.js');
      const page = await reportFiles(studyReport(networks, METHOD_WORDS), flags);
      for (const path of writeFiles(flags.out, { 'study.json': json, 'study.csv': csv, ...page }))
        say(flags, `wrote ${path}`);
    }
    if (flags.format === 'json') print(json);
    else if (flags.format === 'csv') print(csv);
    else print(networks.map((network) => tableOf(network, bits)).join('\n\n'));
  },
});

function tableOf({ network, images, float, points }: StudiedNetwork, bits: readonly number[]): string {
  const cell = (accuracy: number | null, nats: number | null): string =>
    accuracy === null || nats === null ? '-' : `${(100 * accuracy).toFixed(2)} % (${nats.toFixed(3)})`;
  const methods = [...new Set(points.map(({ method }) => method))];
  const rows = methods.map((method) => [
    method,
    ...bits.map((own) => {
      const point = points.find((one) => one.method === method && one.bits === own)!;
      return cell(point.accuracy, point.nats);
    }),
  ]);
  return [
    `${visible(network)}: ${images} samples, in floating point ${cell(float.accuracy, float.nats)}; ` +
      'accuracy (nats) by bits',
    table(['', ...bits.map(String)], rows, terminalStyle()),
  ].join('\n\n');
}
