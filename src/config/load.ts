// Loads a config: names to files, `extends` chains, one merged tree. Files come through an interface, so a browser can
// bundle them.

import { merge, parseDocument, type Loaded, type TreeValue } from './document.js';
import { ConfigError, UserError, suggestion, type Origin } from './errors.js';
import { PRESET_KINDS, type PresetKind } from './preset-kinds.js';

/** Where files come from. Paths are opaque strings that `resolve` joins. */
export interface Files {
  /** Text of a file; undefined when there is none. */
  read(path: string): string | undefined;
  /** Names of the files of a folder; empty when there is none. */
  list(folder: string): string[];
  /** A path as written in `from`'s file (undefined: on the command line). */
  resolve(path: string, from?: string): string;
}

/** Folders of presets by kind, e.g. `architectures`. */
export interface Presets {
  files: Files;
  /** The folder of a kind of presets. */
  folder: (kind: string) => string;
  /** A file that was parsed before; undefined where it was not, or its text is another. */
  parsed?(path: string, text: string): Loaded | undefined;
  /** A network in another program's file (ONNX, tables) as a network file. */
  network?(path: string): Loaded;
}

/**
 * The key that names a file; paths are relative to the file where it was written (on the command line: to the present
 * folder).
 */
export interface Reference {
  origin: Origin;
  key: string;
}

const ENDINGS = ['.yaml', '.yml', '.json'];

/** Names of the presets of a kind. */
export function listPresets({ files, folder }: Presets, kind: string, endings: readonly string[] = ENDINGS): string[] {
  return files
    .list(folder(kind))
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => file.replace(/\.[^.]+$/, ''))
    .sort();
}

/** True for what is a path rather than a preset's name. */
const looksLikePath = (name: string, endings: readonly string[]): boolean =>
  name.includes('/') || name.includes('\\') || endings.some((ending) => name.endsWith(ending));

/** Finds a preset or file. @throws ConfigError at `origin` (or UserError without one) when there is none. */
export function findFile(
  presets: Presets,
  kinds: readonly string[],
  name: string,
  { from, endings = ENDINGS }: { readonly from?: Reference | undefined; readonly endings?: readonly string[] } = {},
): { path: string; text: string } {
  const { files, folder } = presets;
  const tries = looksLikePath(name, endings)
    ? [files.resolve(name, from !== undefined && from.origin.line > 0 ? from.origin.file : undefined)]
    : kinds.flatMap((kind) => {
        const at = folder(kind);
        return endings.map((ending) => `${at}/${name}${ending}`);
      });
  for (const path of tries) {
    const text = readFrom(files, path, from);
    if (text !== undefined) return { path, text };
  }
  const path = looksLikePath(name, endings);
  const others = path || !kinds.includes('networks') ? new Map<string, string>() : networkNames(presets);
  const called = others.get(plain(name));
  if (called !== undefined) return findFile(presets, kinds, called, { from, endings });
  const what = path
    ? `no file ${name}${presetOf(presets, kinds, name)}`
    : `no ${kinds.map(oneOf).join(' or ')} named "${name}"${
        elsewhere(presets, kinds, name) ??
        suggestion(name, [...kinds.flatMap((kind) => listPresets(presets, kind, endings)), ...others.keys()])
      }${whereAll(presets, kinds[0]!, endings)}`;
  if (from === undefined) throw new UserError(what);
  throw new ConfigError(from.origin, from.key, what);
}

/** `; did you mean the preset "x"?` where a path ends like the name of one. */
function presetOf(presets: Presets, kinds: readonly string[], path: string): string {
  const name = /([^/\\]+)\.[^.]+$/.exec(path)?.[1];
  const kind = kinds.find((one) => name !== undefined && listPresets(presets, one).includes(name));
  return kind === undefined ? '' : `; did you mean the preset "${name!}"?`;
}

/** Where all names of a kind are to be seen. */
const whereAll = (presets: Presets, kind: string, endings: readonly string[]): string =>
  PRESET_KINDS.some((listed) => listed === kind)
    ? ` (xbarflow list ${kind} shows all)`
    : `; expected ${[...listPresets(presets, kind, endings), 'the path of a file'].join(', ')}`;

/** A name without case, dashes and dots: `ResNet50` and `resnet-50` are one. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_. ]/g, '');

/** `networks`: network. */
const oneOf = (kind: string): string => kind.replace(/s$/, '');

/** How a preset is used that is not of a kind which was looked for. */
const USES: Partial<Record<PresetKind, (name: string) => string>> = {
  networks: (name) => `network: ${name}, or --set network=${name}`,
  devices: (name) => `crossbar: { device: ${name} }, or --set crossbar.device=${name}`,
  architectures: (name) => `xbarflow run ${name}`,
  runs: (name) => `xbarflow run ${name}`,
  validation: (name) => `xbarflow run ${name}`,
  targets: (name) => `xbarflow validate ${name}`,
  sweeps: (name) => `xbarflow sweep ${name}`,
};

/** Says that a name is one of another kind, and how that is used; undefined where it is none. */
function elsewhere(presets: Presets, kinds: readonly string[], name: string): string | undefined {
  for (const kind of PRESET_KINDS) {
    const use = USES[kind];
    if (use === undefined || kinds.includes(kind)) continue;
    const names =
      kind === 'networks' ? networkNames(presets) : new Map(listPresets(presets, kind).map((one) => [plain(one), one]));
    const found = names.get(plain(name));
    if (found !== undefined) return `; ${found} is ${kind.startsWith('a') ? 'an' : 'a'} ${oneOf(kind)}: ${use(found)}`;
  }
  return undefined;
}

/** Networks by their plain names and by the aliases that their files declare. */
function networkNames(presets: Presets): Map<string, string> {
  const names = new Map<string, string>();
  const { files, folder } = presets;
  for (const name of listPresets(presets, 'networks', ['.yaml'])) {
    names.set(plain(name), name);
    const path = `${folder('networks')}/${name}.yaml`;
    const text = files.read(path);
    if (text?.includes('\naliases:') !== true) continue;
    const { aliases } = (presets.parsed?.(path, text) ?? parseDocument(text, path)).tree;
    if (!Array.isArray(aliases)) continue;
    for (const alias of aliases) if (typeof alias === 'string') names.set(plain(alias), name);
  }
  return names;
}

/** A file that cannot be read is reported where it is named. */
function readFrom(files: Files, path: string, from: Reference | undefined): string | undefined {
  try {
    return files.read(path);
  } catch (error) {
    if (from !== undefined && error instanceof UserError) throw new ConfigError(from.origin, from.key, error.message);
    throw error;
  }
}

/** Files that a config may extend in a row. */
const MOST_LEVELS = 100;

/** Loads a preset or file of one of these kinds with all that it extends. */
export function loadConfig(presets: Presets, kinds: readonly string[], name: string, from?: Reference): Loaded {
  return new Chain(presets, kinds).load(name, from, []);
}

/** A config and what it extends; a file that several extend is read once. */
class Chain {
  readonly #known = new Map<string, Loaded>();
  readonly #presets: Presets;
  readonly #kinds: readonly string[];

  constructor(presets: Presets, kinds: readonly string[]) {
    this.#presets = presets;
    this.#kinds = kinds;
  }

  load(name: string, from: Reference | undefined, chain: readonly string[]): Loaded {
    const { path, text } = findFile(this.#presets, this.#kinds, name, { from });
    if (from !== undefined && chain.includes(path)) {
      throw new ConfigError(
        from.origin,
        from.key,
        `these files extend each other: ${[...chain.slice(chain.indexOf(path)), path].join(' -> ')}`,
      );
    }
    if (from !== undefined && chain.length > MOST_LEVELS)
      throw new ConfigError(from.origin, from.key, `more than ${MOST_LEVELS} files extend each other in a row`);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const loaded = this.#withParents(path, text, chain);
    this.#known.set(path, loaded);
    return loaded;
  }

  #withParents(path: string, text: string, chain: readonly string[]): Loaded {
    const own = this.#presets.parsed?.(path, text) ?? parseDocument(text, path);
    const { extends: parents, ...written } = own.tree;
    const tree = withoutAnchors(written);
    const loaded: Loaded = { ...own, tree };
    if (parents === undefined) return loaded;
    const key = { origin: own.origins.at(['extends']), key: 'extends' };
    const merged = namesOf(parents, key)
      .map((parent) => withoutAbout(this.#presets, this.load(parent, key, [...chain, path])))
      .reduce((base, over) => merge(base, over));
    return merge(merged, loaded, own.origins.at([]));
  }
}

/** Keys that begin with `x-` hold what anchors name; they are no knobs. */
const withoutAnchors = (tree: Loaded['tree']): Loaded['tree'] =>
  Object.keys(tree).some((key) => key.startsWith('x-'))
    ? Object.fromEntries(Object.entries(tree).filter(([key]) => !key.startsWith('x-')))
    : tree;

/** Description and source of a circuit or noise preset tell of that file; what extends it does not take them. */
function withoutAbout({ folder }: Presets, loaded: Loaded): Loaded {
  if (!['circuits', 'noise'].some((kind) => loaded.file.startsWith(`${folder(kind)}/`))) return loaded;
  return {
    ...loaded,
    tree: Object.fromEntries(
      Object.entries(loaded.tree).filter(([key]) => !['name', 'description', 'source'].includes(key)),
    ),
  };
}

function namesOf(parents: TreeValue, { origin, key }: Reference): string[] {
  const names = Array.isArray(parents) ? parents : [parents];
  const words = names.filter((name): name is string => typeof name === 'string' && name !== '');
  if (words.length === 0 || words.length < names.length || words.length > MOST_LEVELS)
    throw new ConfigError(origin, key, `expected the name or path of a config, or a list of at most ${MOST_LEVELS}`);
  return words;
}
