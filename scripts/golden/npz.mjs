// Archives of arrays (npz) and plain text tables, read and written without the project's own readers.

import { unzipSync, zipSync } from 'fflate';

const KINDS = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
};

/** Arrays by name: shape, and numbers as doubles. */
export function readNpz(bytes) {
  const latin = new TextDecoder('latin1');
  return new Map(
    Object.entries(unzipSync(bytes)).map(([file, raw]) => {
      const length = raw[8] + 256 * raw[9];
      const header = latin.decode(raw.subarray(10, 10 + length));
      const kind = KINDS[/'descr': '([^']+)'/.exec(header)[1]];
      const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').map(Number);
      const data = Float64Array.from(new kind(raw.slice(10 + length).buffer));
      return [file.replace(/\.npy$/, ''), { shape: shape.filter((size) => size > 0), data }];
    }),
  );
}

/** An archive of `{ name: [shape, numbers, kind] }`, as it is: deflated bytes differ from one library to the next. */
export function npzBytes(arrays) {
  const files = Object.entries(arrays).map(([name, [shape, values, kind = '<f8']]) => {
    const dims = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
    const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': ${dims}, }`;
    const header = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
    const head = Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
    const data = KINDS[kind].from(values);
    return [`${name}.npy`, Uint8Array.from(Buffer.concat([head, Buffer.from(header), new Uint8Array(data.buffer)]))];
  });
  return zipSync(Object.fromEntries(files), { level: 0, mtime: '1980-01-01T00:00:00' });
}
