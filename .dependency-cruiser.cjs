// The arrows of the house: a floor imports only from floors below it, never up, never in a circle.
const floors = [
  'cli',
  'explorer',
  'experiment',
  'report',
  'explain',
  'simulation',
  'result',
  'functional',
  'machine',
  'interconnect',
  'mapping',
  'run-config',
  'components',
  'pipeline',
  'estimators',
  'workload',
  'tensors',
  'numerics',
  'kernel',
  'config',
];
const nodeFloors = ['cli', 'explorer', 'experiment'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...floors.slice(1).map((floor, i) => ({
      name: `no-import-up-from-${floor}`,
      severity: 'error',
      from: { path: `^src/${floor}/` },
      to: { path: `^src/(${floors.slice(0, i + 1).join('|')})/` },
    })),
    {
      name: 'library-stands-on-top',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|explorer)/|^src/(index|node)\\.ts$' },
      to: { path: '^src/(index|node)\\.ts$' },
    },
    {
      name: 'kernel-knows-no-hardware',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/(?!kernel/)' },
    },
    {
      name: 'no-node-below-experiment',
      severity: 'error',
      from: { path: '^src/', pathNot: [`^src/(${nodeFloors.join('|')})/`, '\\.node\\.ts$', '^src/node\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: '^(node_modules|dist)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
