// Networks in files of other programs: ONNX models and tables of layers, as network files.

import { Origins, UserError, type Loaded } from '../config/index.js';
import { shellWord } from '../config/escape.js';
import type { Graph, Parameters } from './graph/index.js';
import { importReport, type ImportReport } from './import-report.js';
import { importOnnx, type ImportOptions } from './onnx/index.js';
import { readNetwork } from './yaml/reader.js';
import { weightTensors } from './yaml/weights.js';
import { writeNetwork, type WrittenWeight } from './yaml/writer.js';
import { isLayerShapes, layerShapes, type LayerFileText } from './layer-shapes.js';
import { shapeTree } from './shape-tree.js';
import { tableLayers, tableTree } from './tables.js';
import type { Tensor } from '../tensors/tensor.js';

/** A network from another program's file. */
export interface ForeignNetwork {
  /** As a network file: what `network:` takes. */
  readonly loaded: Loaded;
  readonly graph: Graph;
  readonly report: ImportReport;
  readonly weights: readonly WrittenWeight[];
  readonly parameters: Parameters | null;
}

/** Endings of such files. */
export const FOREIGN_ENDINGS = ['.onnx', '.csv', '.pt', '.pth', '.yaml', '.yml'] as const;
/** True for a path whose ending is that of another program's networks. */
export const isForeign = (path: string): boolean =>
  FOREIGN_ENDINGS.some((ending) => path.toLowerCase().endsWith(ending));

/** Reads such a file. @throws UserError, one line, for what is none, or not supported */
export function foreignNetwork(bytes: Uint8Array, file: string, options: ImportOptions = {}): ForeignNetwork {
  const ending = /\.[^.]*$/.exec(file.toLowerCase())?.[0] ?? '';
  if (ending === '.pt' || ending === '.pth')
    throw new UserError(
      `${file}: a PyTorch file holds weights, no graph; export the model in PyTorch by ` +
        'torch.onnx.export(model, example_input, "model.onnx") and give that file',
    );
  if (ending === '.csv') return untrained(tableTree(tableLayers(new TextDecoder().decode(bytes), file), file), file);
  if (ending === '.yaml' || ending === '.yml') {
    const text = new TextDecoder().decode(bytes);
    if (!isLayerShapes(text))
      throw new UserError(
        `${file}: neither a problem of Timeloop nor a list of ZigZag's layers; a network file is used as it is: ` +
          `xbarflow run pipelayer --set ${shellWord(`network=${file}`)}`,
      );
    return layerShapesNetwork([{ file, text }], file);
  }
  const { graph, parameters, opset, nodes } = importOnnx(bytes, file, options);
  const { tree, weights } = writeNetwork(graph, 'weights.safetensors');
  return {
    loaded: loadedOf(tree, file),
    graph,
    report: importReport(graph, opset, nodes),
    weights,
    parameters,
  };
}

/** A network of files of layer shapes (Timeloop: a file a layer, in this order). @throws UserError */
export const layerShapesNetwork = (files: readonly LayerFileText[], name: string): ForeignNetwork =>
  untrained(shapeTree(layerShapes(files), name), name);

/** A network without weights. */
function untrained(tree: Loaded['tree'], file: string): ForeignNetwork {
  const loaded = loadedOf(tree, file);
  const graph = readNetwork(loaded);
  return { loaded, graph, report: importReport(graph, null), weights: [], parameters: null };
}

/** The arrays that `weights.safetensors` holds. @throws UserError where the file's weights are not there */
export const foreignWeights = ({ weights, parameters }: ForeignNetwork): Tensor[] =>
  parameters === null ? [] : weightTensors(weights, parameters);

const loadedOf = (tree: Loaded['tree'], file: string): Loaded => ({
  tree,
  file,
  origins: new Origins({ file, line: 0, column: 0 }),
});
