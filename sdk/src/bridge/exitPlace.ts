import { packWord } from "../protocol/word";

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

/**
 * `zero u56 ‖ slot u8 ‖ rollup u64 ‖ count u64 ‖ index u64`
 *
 * @throws FieldOverflowError if a field is wider than that
 */
export function encodeExitPlace({ slot, rollup, count, index }: ExitPlace): bigint {
  return BigInt(packWord([56, 0], [8, slot], [64, rollup], [64, count], [64, index]));
}
