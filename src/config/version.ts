// The version of the package and of the model.

/**
 * Version of package and model: results of different versions may differ, and sweeps run points of another version
 * again. Raise it with every change of a figure; package.json says the same (a check holds them together).
 */
export const VERSION = '0.11.0';
