// Energy by component, by pass and by layer, as stacked bars.

import type { ComponentName } from '../../../components/index.js';
import { pairsOf } from '../../../config/typed.js';
import type { Result } from '../../../simulation/index.js';
import {
  componentCell,
  energyCell,
  exactCountCell,
  numberColumn,
  shareCell,
  textCell,
  textColumn,
} from '../table-cells.js';
import type { LiteSpec } from './lite.js';
import type { Cell, Figure, Section, TableData } from '../sections.js';
import { componentWords } from '../../../result/component-words.js';
import { shareWords } from '../../verdict-words.js';
import { NAME_AXIS, axisUnit, engineeringAxis } from './scales.js';
import { componentScale, passScale, passTitle } from './theme.js';

interface Part {
  bar: string;
  part: string;
  energyJ: number;
}

/** Components from the most to the least costly, by energy and then area: the order of their colours in every chart. */
export function componentOrder(results: readonly Result[]): ComponentName[] {
  const weight = new Map<ComponentName, number>();
  for (const { energy, area } of results) {
    for (const [name, joules] of pairsOf(energy.byComponentJ))
      weight.set(name, Math.max(weight.get(name) ?? 0, joules / energy.totalJ));
    for (const [name, mm2] of pairsOf(area.byComponentMm2))
      weight.set(name, Math.max(weight.get(name) ?? 0, mm2 / area.totalMm2));
  }
  return [...weight].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function partsOf(
  result: Result,
  bar: (action: Result['actions'][number]) => string,
  part: (action: Result['actions'][number]) => string,
): Part[] {
  const sums = new Map<string, Part>();
  for (const action of result.actions) {
    if (action.energyJ === 0) continue;
    const key = JSON.stringify([bar(action), part(action)]);
    const sum = sums.get(key) ?? { bar: bar(action), part: part(action), energyJ: 0 };
    sum.energyJ += action.energyJ;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function stackedBars(
  parts: readonly Part[],
  {
    bars,
    barTitle,
    scale,
    description,
    axis = NAME_AXIS,
  }: {
    readonly bars: readonly string[];
    readonly barTitle: string;
    readonly scale: { domain: string[]; range: string[] };
    readonly description: string;
    readonly axis?: { labelLimit: number };
  },
): LiteSpec {
  const totals = bars.map((bar) => parts.reduce((sum, part) => sum + (part.bar === bar ? part.energyJ : 0), 0));
  return {
    description,
    data: { values: parts.map((part) => ({ ...part, place: scale.domain.indexOf(part.part) })) },
    height: 18 * bars.length,
    mark: { type: 'bar', tooltip: true },
    encoding: {
      y: { field: 'bar', type: 'nominal', sort: [...bars], title: null, axis },
      x: {
        field: 'energyJ',
        type: 'quantitative',
        aggregate: 'sum',
        axis: engineeringAxis('energy', axisUnit(totals, 'J')),
        title: 'energy',
      },
      color: { field: 'part', type: 'nominal', scale, sort: scale.domain },
      order: { field: 'place', type: 'quantitative' },
      tooltip: [
        { field: 'bar', title: barTitle },
        { field: 'part', title: 'part' },
        { field: 'energyJ', aggregate: 'sum', title: 'energy (J)', format: '.4s' },
      ],
    },
  };
}

/** Actions that the chart shows. */
const MOST_ACTIONS = 10;
/** `integrate-and-fire: integrate`: a chart has no room for what kind of thing does it. */
const actionOf = ({ component, action }: Result['actions'][number]): string =>
  `${componentWords(component).replace(/ (circuit|unit)$/, '')}: ${action}`;

/** The energy section of a run. */
export function energySection(result: Result, components: readonly ComponentName[]): Section {
  const used = components.filter((name) => (result.energy.byComponentJ[name] ?? 0) > 0);
  const scale = componentScale(used);
  const color = { domain: scale.domain, range: scale.range };
  const passes = pairsOf(result.energy.byPassJ).flatMap(([pass, joules]) => (joules > 0 ? [pass] : []));
  const byAction = new Map<string, number>();
  for (const action of result.actions)
    byAction.set(actionOf(action), (byAction.get(actionOf(action)) ?? 0) + action.energyJ);
  const sorted = [...byAction].filter(([, joules]) => joules > 0).sort((a, b) => b[1] - a[1]);
  const costly = sorted.slice(0, MOST_ACTIONS).map(([name]) => name);
  const restJ = sorted.slice(MOST_ACTIONS).reduce((sum, [, joules]) => sum + joules, 0);
  const restWords =
    restJ === 0
      ? ''
      : ` ${sorted.length - MOST_ACTIONS} smaller ones make ${shareWords(restJ / result.energy.totalJ)}.`;
  const layers = result.energy.byLayerJ.map(({ name }) => name);
  const figures: Figure[] = [
    {
      id: 'energy-by-component',
      title: 'By action',
      caption: `Length: energy of the run: reads, writes and what else a component does. Colour: the pass.${restWords}`,
      spec: stackedBars(
        partsOf(result, actionOf, (a) => passTitle(a.pass)).filter(({ bar }) => costly.includes(bar)),
        {
          bars: costly,
          barTitle: 'action',
          axis: { labelLimit: NAME_AXIS.labelLimit },
          scale: passScale(passes),
          description: 'Stacked bars: energy by component, coloured by pass',
        },
      ),
    },
    {
      id: 'energy-by-pass',
      title: 'By pass',
      caption:
        'Forward computes the outputs, backward the errors, gradient the weight gradients; update writes ' +
        'weights, perturbation the attacked image. Leakage is power at rest over the run. Colour: component.',
      spec: stackedBars(
        partsOf(
          result,
          (a) => passTitle(a.pass),
          (a) => scale.shown(a.component),
        ),
        {
          bars: passes.map(passTitle),
          barTitle: 'pass',
          scale: color,
          description: 'Stacked bars: energy by pass, coloured by component',
        },
      ),
    },
    {
      id: 'energy-by-layer',
      title: 'By layer',
      caption: `${networkWords(result)}Colour: component.`,
      spec: stackedBars(
        partsOf(
          result,
          (a) => a.layer,
          (a) => scale.shown(a.component),
        ),
        {
          bars: layers,
          barTitle: 'layer',
          scale: color,
          description: 'Stacked bars: energy by layer, coloured by component',
        },
      ),
    },
  ];
  return {
    id: 'energy',
    title: 'Energy',
    figures,
    tables: energyTables(result),
    caption: 'Every energy is a count of actions times the energy of one action, plus leakage times time.',
  };
}

/** Share of the energy of no single layer from which a pass is named. */
const NAMED = 0.01;

/** What the energy of no single layer is. */
function networkWords({ actions, layers }: Result): string {
  const known = new Set(layers.map(({ name }) => name));
  const others = actions.filter(({ layer, energyJ }) => !known.has(layer) && energyJ > 0);
  if (others.length === 0) return '';
  const ofPass = new Map<string, number>();
  for (const { pass, energyJ } of others) ofPass.set(pass, (ofPass.get(pass) ?? 0) + energyJ);
  const least = NAMED * others.reduce((sum, { energyJ }) => sum + energyJ, 0);
  const own = [...ofPass].filter(([, energyJ]) => energyJ >= least).map(([pass]) => passTitle(pass));
  return `${others[0]!.layer} is what no single layer causes: ${own.join(', ')}. `;
}

function energyTables(result: Result): TableData[] {
  const { totalJ, byComponentJ, byPassJ, byLayerJ } = result.energy;
  const row = (name: Cell, joules: number, path: string) => [
    name,
    energyCell(joules, path),
    shareCell(joules / totalJ),
  ];
  const columns = (key: string) => [
    textColumn(key, key),
    numberColumn('energyJ', 'energy'),
    numberColumn('share', 'share'),
  ];
  return [
    {
      id: 'energy-components',
      title: 'Energy by component',
      columns: columns('component'),
      rows: Object.entries(byComponentJ)
        .sort((a, b) => b[1] - a[1])
        .map(([name, joules]) => row(componentCell(name), joules, `energy.byComponentJ.${name}`)),
    },
    {
      id: 'energy-passes',
      title: 'Energy by pass',
      columns: columns('pass'),
      rows: Object.entries(byPassJ).map(([name, joules]) =>
        row(textCell(passTitle(name)), joules, `energy.byPassJ.${name}`),
      ),
    },
    {
      id: 'energy-layers',
      title: 'Energy by layer',
      columns: columns('layer'),
      rows: byLayerJ.map(({ name, energyJ }, i) => row(textCell(name), energyJ, `energy.byLayerJ[${i}].energyJ`)),
    },
    {
      id: 'energy-actions',
      title: 'Every action',
      columns: [
        textColumn('component', 'component'),
        textColumn('action', 'action'),
        textColumn('pass', 'pass'),
        textColumn('layer', 'layer'),
        numberColumn('count', 'count'),
        numberColumn('energyJ', 'energy'),
      ],
      rows: result.actions.map(({ component, action, pass, layer, count, energyJ }, i) => [
        textCell(component),
        textCell(action),
        { text: passTitle(pass), value: pass },
        textCell(layer),
        exactCountCell(count, `actions[${i}].count`),
        energyCell(energyJ, `actions[${i}].energyJ`),
      ]),
    },
  ];
}
