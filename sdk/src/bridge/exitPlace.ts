/** Where an exit stands under a commitment that the hub keeps. */
export interface ExitPlace {
  /** of the hub's `kept` */
  readonly slot: number;
  readonly rollup: bigint;
  /** exits under the commitment */
  readonly count: bigint;
  /** of the exit, from 0 */
  readonly index: bigint;
}

/** `zero u56 ‖ slot u8 ‖ rollup u64 ‖ count u64 ‖ index u64` */
export function encodeExitPlace({ slot, rollup, count, index }: ExitPlace): bigint {
  return (BigInt(slot) << 192n) | (rollup << 128n) | (count << 64n) | index;
}
