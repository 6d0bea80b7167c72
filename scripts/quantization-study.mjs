// `npm run study`: trains a CNN and an LSTM on digits that the project draws, quantizes both in every way, and where
// ../shared is there also networks that PyTorch trained on MNIST. `--write` makes docs/quantization-study.md of it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';

const FOLDER = 'results/study';
const SHARED = '../shared/data';
const BIN = 'dist/cli/xbarflow.cjs';
const IMAGES = 500;

function xbarflow(...args) {
  const done = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

/** A config of `FOLDER`, whose paths are relative to it. */
function config(name, text) {
  writeFileSync(`${FOLDER}/${name}.yaml`, text);
  return `${FOLDER}/${name}.yaml`;
}

mkdirSync(FOLDER, { recursive: true });
const trained = (name, run) => {
  xbarflow('train', run, '--out', `${FOLDER}/${name}`, '--quiet');
  const data = `{ kind: digits, count: ${IMAGES}, seed: 3 }`;
  return config(name, `extends: ${run}\nmodel: { weights: ./${name}/model.safetensors }\ndata: ${data}\n`);
};
const configs = [trained('cnn', 'train-digits'), trained('lstm', 'lstm-digits')];

const MNIST = `../../${SHARED}/datasets/mnist`;
const mnist = (name, network, weights) => {
  writeFileSync(`${FOLDER}/${name}-network.yaml`, network);
  const data = `{ kind: idx, inputs: ${MNIST}/t10k-images-idx3-ubyte.gz, labels: ${MNIST}/t10k-labels-idx1-ubyte.gz }`;
  return config(
    name,
    `extends: isaac\nnetwork: ./${name}-network.yaml\nmodel: { weights: ../../${SHARED}/models/${weights} }\n` +
      `data: ${data}\n`,
  );
};
const CNN = `name: lenet-5 (PyTorch)
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: conv1, type: conv2d, channels: 6, kernel: 5, padding: 2 }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: conv2, type: conv2d, channels: 16, kernel: 5, padding: valid }
  - { name: relu2, type: relu }
  - { name: pool2, type: maxpool, kernel: 2 }
  - { name: flat, type: flatten }
  - { name: fc1, type: dense, features: 120 }
  - { name: relu3, type: relu }
  - { name: fc2, type: dense, features: 84 }
  - { name: relu4, type: relu }
  - { name: fc3, type: dense, features: 10 }
`;
const LSTM = `name: row lstm (PyTorch)
input: { features: 28, steps: 28 }
layers:
  - { name: lstm, type: lstm, hidden: 64, output: last }
  - { name: fc, type: dense, features: 10 }
`;
if (existsSync(`${SHARED}/models`))
  configs.push(
    mnist('lenet-5', CNN, 'lenet5_mnist/lenet5_mnist.pt'),
    mnist('row-lstm', LSTM, 'rowlstm_mnist/rowlstm_mnist.pt'),
  );

const figures = process.argv.includes('--write') ? ['--figures'] : [];
const bits = ['--bits', '2,3,4,5,6,8', '--images', String(IMAGES)];
const studied = configs.map((path, i) => {
  const run = ['study', path, ...bits, '--format', 'json', '--out', `${FOLDER}/out-${i}`, '--quiet', ...figures];
  return JSON.parse(xbarflow(...run));
});
const networks = studied.map((study) => study.networks[0]);
const { methods } = studied[0];

const percent = (share) => (100 * share).toFixed(2);
const table = ({ network, images, float, points }) => {
  const columns = [...new Set(points.map((point) => point.bits))];
  const rows = Object.keys(methods).map((method) => {
    const cells = columns.map((own) => points.find((point) => point.method === method && point.bits === own));
    return `| ${method} | ${cells.map(({ accuracy }) => percent(accuracy)).join(' | ')} |`;
  });
  return (
    `## ${network}\n\n${images} samples, ${percent(float.accuracy)} % in floating point. Accuracy in percent, ` +
    `by bits of a code.\n\n| | ${columns.join(' | ')} |\n|---|${'---|'.repeat(columns.length)}\n${rows.join('\n')}\n`
  );
};

/** What the figures say of "works on an LSTM, fails on a CNN": who loses more, and where a way is within two points. */
function says(all) {
  const least = (network, method) => {
    const within = network.points.filter(
      (point) => point.method === method && network.float.accuracy - point.accuracy <= 0.02,
    );
    return within.length === 0 ? 'none of these' : String(Math.min(...within.map((point) => point.bits)));
  };
  const rows = Object.keys(methods).map(
    (method) => `| ${method} | ${all.map((network) => least(network, method)).join(' | ')} |`,
  );
  return (
    '## The claim\n\nBits from which a way loses at most two points of accuracy:\n\n' +
    `| | ${all.map(({ network }) => network).join(' | ')} |\n|---|${'---|'.repeat(all.length)}\n${rows.join('\n')}\n`
  );
}

/** In how many comparisons (a way, a number of bits) the CNN of a pair loses more than the LSTM. */
function verdict(all) {
  const pairs = [];
  for (let i = 0; i + 1 < all.length; i += 2) pairs.push([all[i], all[i + 1]]);
  const lost = (network, { method, bits: own }) =>
    network.float.accuracy - network.points.find((one) => one.method === method && one.bits === own).accuracy;
  const rows = pairs.map(([cnn, lstm]) => {
    const worse = cnn.points.filter((point) => lost(cnn, point) > lost(lstm, point)).length;
    const failed = ([network, name]) => {
      const most = network.points.filter(({ bits: own, method }) => own === 4 && !method.startsWith('dfp'));
      const [best] = most.sort((a, b) => b.accuracy - a.accuracy);
      return `${name}: ${best.method} keeps ${percent(best.accuracy)} of ${percent(network.float.accuracy)} %`;
    };
    return (
      `- ${cnn.network} against ${lstm.network}: the CNN loses more than the LSTM in ${worse} of ` +
      `${cnn.points.length} comparisons. 4-bit codebooks: ${failed([cnn, 'the CNN'])}; ` +
      `${failed([lstm, 'the LSTM'])}.`
    );
  });
  return (
    `${rows.join('\n')}\n\nA claim that it "works on an LSTM and fails on a CNN" would need the CNN to lose more ` +
    'nearly everywhere, and to fail where the LSTM does not; the counts above say how far these networks bear it out.'
  );
}

const page = `# Accuracy against bits: an LSTM and a CNN

Made by \`npm run study -- --write\`. A project that xbarflow grew from quantized the weights of trained networks by an
importance function and by k-means, found that it "works on an LSTM and fails on a CNN", and made a trained PyTorch
model 8-bit dynamic fixed point. This page does all of it again, with nothing but one command: a CNN and an LSTM are
trained on digits that xbarflow draws (no download), and where the data sets that tests use are beside the project, a
LeNet-5 and a row-by-row LSTM that PyTorch trained on MNIST (\`.pt\` files) are quantized too. For other networks:
\`xbarflow study CONFIG...\`.

| way | what it quantizes |
|---|---|
${Object.entries(methods)
  .map(([method, words]) => `| ${method} | ${words} |`)
  .join('\n')}

Nothing is retrained. Codebooks are one a tensor; \`dfp\` rounds every weight, bias, input and sum, so that it is the
integer pipeline that a machine would run: of an LSTM also gate sums, gates, cell and hidden state. Its cell state has
the largest range and no slack below 8 bits; \`dfp-cell16\` gives it alone 16 bits.

${networks.map(table).join('\n')}
${networks.map(({ network }, i) => `![${network}: accuracy against bits](quantization-study-${i}.svg)`).join('\n')}

${says(networks)}
${verdict(networks)}
`;
if (process.argv.includes('--write')) {
  writeFileSync('docs/quantization-study.md', page);
  networks.forEach((_, i) => {
    copyFileSync(`${FOLDER}/out-${i}/figures/accuracy-by-bits-0.svg`, `docs/quantization-study-${i}.svg`);
  });
} else process.stdout.write(page);
