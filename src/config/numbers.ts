// Numbers for people.

/** Thousands separated, as `toLocaleString('en-US')` has them, whose first use reads tables for 12 ms. */
export const grouped = (value: number): string =>
  Number.isSafeInteger(value) && !Object.is(value, -0)
    ? String(value).replace(/\B(?=(\d{3})+$)/g, ',')
    : value.toLocaleString('en-US');

/** Four significant digits, thousands separated. */
export function plainNumber(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 1000 ? grouped(Math.round(rounded)) : String(rounded);
}

/** A count with thousands separated; other numbers in five significant digits. */
export const count = (value: number): string =>
  Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(5)));

/** Bytes in the largest binary unit: `256 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 2 ** (10 * step)).toPrecision(4))} ${units[step]!}`;
}
