/** A gap may have begun long before it showed: so many blocks are read again, and each time it shows again twice as many. */
const REREAD_BLOCKS = 2_000;

/**
 * Gaps in what L1's endpoints said of rollups. A rollup sees one when a fact doesn't follow on those before it; what is missing lies
 * anywhere before. Reads from further and further back, one block after the other, and not from the endpoint that left it out.
 */
export class Gaps {
  private readonly found = new Map<number, { readonly shown: number; readonly blocks: number }>();
  private readonly noting = new Set<number>();

  constructor(
    private readonly deps: {
      /** Whether a rollup is being told again what it lacks. */
      isBehind(rollup: number): boolean;
      /** A rollup knows everything up to this block only. */
      note(rollup: number, block: number): Promise<void>;
      createdAt(rollup: number): number;
      /** Takes another endpoint than the one in use. */
      leave(): void;
    },
  ) {}

  /** A fact of block `shown` doesn't follow on those up to block `last`. */
  async report(rollup: number, last: number, shown: number): Promise<void> {
    const { deps, found, noting } = this;
    if (noting.has(rollup) || deps.isBehind(rollup)) return;
    noting.add(rollup);
    const known = found.get(rollup);
    const blocks = known !== undefined && shown <= known.shown ? 2 * known.blocks : REREAD_BLOCKS;
    found.set(rollup, { shown, blocks });
    deps.leave();
    try {
      await deps.note(rollup, Math.max(deps.createdAt(rollup), last - blocks));
    } finally {
      noting.delete(rollup);
    }
  }

  /** Up to this block a rollup's logs are to be read one block after the other. */
  carefulUntil(rollup: number): number {
    return this.found.get(rollup)?.shown ?? 0;
  }
}
