// CRC-32 as zip and gzip have it (ISO 3309, polynomial 0xedb88320).

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** The check of bytes, 0 to 2^32 - 1. @param before of the bytes in front of them */
export function crc32(bytes: Uint8Array, before = 0): number {
  let c = ~before;
  for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ TABLE[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}
