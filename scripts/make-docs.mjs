// Writes the pages and README's figure in docs/ that are made from declarations and runs. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { diskPresets } from '../dist/config/files.node.js';
import { validatePublished } from '../dist/experiment/validate/index.js';
import { load, runReport, simulate, timelineJson, recordTimeline } from '../dist/index.js';
import { figureSvg } from '../dist/report/html/draw.js';
import { STYLES } from '../dist/report/html/figure-styles.js';
import { figuresOf } from '../dist/report/html/sections.js';
import { COMPONENTS, COMPONENT_NAMES, INSTANCE_SCOPES } from '../dist/components/index.js';
import { validationPage } from '../dist/report/validation.js';
import { attentionPage } from './attention-page.mjs';
import { powerPage } from './power-page.mjs';

const timings = {
  none: 'no time of its own',
  paced: 'a unit of a chain: `latency`, at the pace of slots or steps',
  unit: 'a unit of a chain: `latency`, `interval`',
  'read-write': 'a unit of a chain: `latency` (read), `writeLatency`',
};

function componentsPage() {
  const sections = COMPONENT_NAMES.map((name) => {
    const { description, scope, timing, actions } = COMPONENTS[name];
    const rows = Object.entries(actions).map(([action, a]) => `| \`${action}\` | ${a.description} | ${a.per} |`);
    return (
      `## ${name}\n\n${description}. One instance for ${INSTANCE_SCOPES[scope]}; ` +
      `${timings[timing]}.\n\n| action | what | one per |\n|---|---|---|\n${rows.join('\n')}\n`
    );
  });
  return (
    `# Components\n\nMade from the declarations in \`src/components/catalogue/\` by \`npm run docs\`. Each ` +
    `has in the config, under \`components.<name>\`: \`energy.<action>\`, \`area\` and \`leakage\` of one ` +
    `instance, \`instances\`; a crossbar's energies and times are the device's.\n\n${sections.join('\n')}`
  );
}

/** README's figure: LeNet-5 on PipeLayer, energy by component, as `run --figures` draws it. */
async function energyFigure() {
  const { machine, result } = simulate(await load('pipelayer', { set: ['network=lenet-5'] }));
  const page = runReport(result, timelineJson(machine, recordTimeline(machine)));
  const figure = figuresOf(page).find(({ id }) => id === 'energy-by-component');
  return `${await figureSvg(figure, STYLES.ieee)}\n`;
}

/** Chapters of docs/validation.md. */
const VALIDATIONS = [
  { file: 'published', title: 'Papers', text: '`xbarflow validate`: what papers print of their own designs.' },
  {
    file: 'silicon',
    title: 'Silicon',
    text:
      '`xbarflow validate silicon`: chips that were measured, against components of this simulator that know nothing ' +
      'of them. A yardstick: NeuroSim is within 1 to 2 % of its 40 nm RRAM macro after calibration of six factors ' +
      '(Frontiers AI 2021); CiMLoop within 3 % of NeuroSim on average, 7 % at most, and within 2 to 8 % of macros, ' +
      'where models of fixed energies an action were off by 28 % on average, 70 % at most (ISPASS 2024); of MNSIM no ' +
      'error against silicon could be read. Measured figures of NeuRRAM are those that CiMLoop took from its plots.',
  },
  {
    file: 'tools',
    title: 'Tools',
    text:
      '`xbarflow validate tools`: what NeuroSim V1.4 and MNSIM 2.0 give for VGG-8, by component and layer. They are ' +
      'models, too: a distance says where two of them differ, not which is right.',
  },
];

const pages = {
  'attention.md': attentionPage,
  'components.md': componentsPage,
  'energy-lenet-5.svg': energyFigure,
  'power.md': powerPage,
  'validation.md': () =>
    validationPage(VALIDATIONS.map((set) => ({ ...set, rows: validatePublished(diskPresets, set.file) }))),
};
const check = process.argv.includes('--check');
for (const [name, make] of Object.entries(pages)) {
  const path = new URL(`../docs/${name}`, import.meta.url);
  const text = await make();
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/${name} is old: run npm run docs`);
    process.exitCode = 1;
  }
}
