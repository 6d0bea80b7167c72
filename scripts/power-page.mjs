// docs/power.md: power density of every architecture, and where its power and its area are.
import { diskPresets } from '../dist/config/files.node.js';
import { listPresets } from '../dist/config/index.js';
import { loadRun } from '../dist/run-config/index.js';
import { simulate } from '../dist/simulation/index.js';

const NETWORK = 'vgg-a';
const round = (value) => Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 });

/** The largest part of a mapping of numbers, with its share. */
function largest(parts) {
  const all = Object.values(parts).reduce((sum, value) => sum + value, 0);
  const [name, value] = Object.entries(parts).reduce((most, one) => (one[1] > most[1] ? one : most));
  return `${name} ${Math.round((100 * value) / all)} %`;
}

/** The page. */
export function powerPage() {
  const rows = listPresets(diskPresets, 'architectures').map((name) => {
    const sets = [`network=${NETWORK}`, 'workload.mode=inference', 'workload.images=64'];
    const { power, area, energy, notes, placeholders } = simulate(loadRun(diskPresets, name, sets)).result;
    const said = notes.some(({ code }) => code === 'power-density') ? 'above air' : '';
    const assumed = placeholders.filter((key) => /energy|area/.test(key)).length;
    const density = round(power.averageW / area.totalMm2);
    const parts = [round(power.averageW), round(area.totalMm2), density, largest(energy.byComponentJ)];
    return `| \`${name}\` | ${[...parts, largest(area.byComponentMm2), assumed, said].join(' | ')} |`;
  });
  return (
    '# Power density\n\nMade by `npm run docs`: VGG-A, inference of 64 images, every architecture as it ships. ' +
    'Power is the average over the run, area what the run builds. The two columns behind the density say why it is ' +
    'what it is: the component that takes most of the energy, and the one that takes most of the area. `assumed` ' +
    'counts placeholder energies and areas that it rests on; a density above 1 W/mm2 is more than air takes off and ' +
    'has a note (`power-density`) in its result. [architectures](architectures.md) has the reasons of the largest.' +
    '\n\n' +
    '| architecture | power, W | area, mm2 | W/mm2 | most energy | most area | assumed | |\n' +
    '|---|---|---|---|---|---|---|---|\n' +
    `${rows.join('\n')}\n`
  );
}
