// ONNX files as graphs.

export { importOnnx, SUPPORTED_OPERATORS, type ImportedNode, type ImportOptions, type OnnxModel } from './importer.js';
export { writeOnnx } from './writer.js';
