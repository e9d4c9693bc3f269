/** A loadable segment of a test program. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly flags: "r" | "rx" | "rw" | "rwx";
  /** bytes in memory when more than the file has: the rest is zero */
  readonly memorySize?: number;
}

const HEADER_SIZE = 64;
const SEGMENT_HEADER_SIZE = 56;
const FLAG_BITS = { r: 4, rx: 5, rw: 6, rwx: 7 } as const;

/**
 * Returns a static RV64 ELF file with these segments (`flags` are the ELF header's processor flags). With `alignment`, each
 * segment's place in the file is a multiple of it, as operating systems want it that map files.
 */
export function buildElf(entry: number, segments: readonly Segment[], flags = 0, alignment = 1): Uint8Array {
  const aligned = (offset: number): number => Math.ceil(offset / alignment) * alignment;
  const headers = aligned(HEADER_SIZE + SEGMENT_HEADER_SIZE * segments.length);
  const file = new Uint8Array(segments.reduce((sum, { bytes }) => aligned(sum) + bytes.length, headers));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, 243, true); // RISC-V
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(HEADER_SIZE), true);
  view.setUint32(48, flags, true);
  view.setUint16(52, HEADER_SIZE, true);
  view.setUint16(54, SEGMENT_HEADER_SIZE, true);
  view.setUint16(56, segments.length, true);
  view.setUint16(58, 64, true); // size of a section header; there are none
  let offset = headers;
  segments.forEach((segment, index) => {
    const at = HEADER_SIZE + SEGMENT_HEADER_SIZE * index;
    view.setUint32(at, 1, true); // PT_LOAD
    view.setUint32(at + 4, FLAG_BITS[segment.flags], true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(segment.address), true);
    view.setBigUint64(at + 24, BigInt(segment.address), true);
    view.setBigUint64(at + 32, BigInt(segment.bytes.length), true);
    view.setBigUint64(at + 40, BigInt(segment.memorySize ?? segment.bytes.length), true);
    view.setBigUint64(at + 48, 4n, true);
    file.set(segment.bytes, offset);
    offset = aligned(offset + segment.bytes.length);
  });
  return file;
}
