import { ZeroHash, concat, getBytes, hexlify, id, keccak256, toBeHex } from "ethers";
import { StateReader, keyOf } from "../../sdk/src/ledger";

/** Below them, paths are hashes. */
const DOMAIN_BITS = 8;

/** A state of the ledger as its page draws it: the whole tree from the whole list of entries, without a thought for cost. */
export class PlainState {
  private readonly known = new Map<string, Uint8Array>();
  readonly stateRoot: string;
  readonly reader: StateReader;

  /**
   * @param texts metadata of assets
   * @param crowd as many levels of the tree are full of strangers, of whom only hashes are known
   */
  constructor(entries: readonly string[], texts: readonly string[] = [], crowd = 0) {
    const sorted = [...entries].sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
    const tree = sorted.length === 0 ? ZeroHash : this.crowded(sorted, DOMAIN_BITS, DOMAIN_BITS + crowd);
    const record = this.keep(concat(["0x01", toBeHex(0, 8), ZeroHash, toBeHex(0, 8)]));
    for (const text of texts) this.keep(text);
    this.stateRoot = this.keep(concat([tree, record]));
    this.reader = new StateReader(this.stateRoot, (hash) => {
      const found = this.known.get(hash);
      if (found === undefined) throw new Error(`no preimage of ${hash}`);
      return found;
    });
  }

  private crowded(sorted: readonly string[], bit: number, end: number): string {
    if (bit === end) return this.build(sorted);
    const middle = sorted.findIndex((entry) => bitOf(pathOf(entry), bit) === 1n);
    const [left, right] = middle < 0 ? [sorted, []] : [sorted.slice(0, middle), sorted.slice(middle)];
    const halves = [left, right].map((half) =>
      half.length === 0 ? id(`strangers ${bit}`) : this.crowded(half, bit + 1, end),
    );
    return this.keep(concat(["0x01", toBeHex(bit, 2), ...halves]));
  }

  private build(sorted: readonly string[]): string {
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) throw new Error("no entries");
    if (first === last) return this.keep(concat(["0x00", first]));
    const [low, high] = [pathOf(first), pathOf(last)];
    let bit = 0;
    while (bitOf(low, bit) === bitOf(high, bit)) bit++;
    const middle = sorted.findIndex((entry) => bitOf(pathOf(entry), bit) === 1n);
    const halves = [this.build(sorted.slice(0, middle)), this.build(sorted.slice(middle))];
    return this.keep(concat(["0x01", toBeHex(bit, 2), ...halves]));
  }

  private keep(bytes: string): string {
    this.known.set(keccak256(bytes), getBytes(bytes));
    return keccak256(bytes);
  }
}

const pathOf = (entry: string): bigint => BigInt(hexlify(keyOf(entry).path));
const bitOf = (path: bigint, bit: number): bigint => (path >> BigInt(511 - bit)) & 1n;
const word = (value: bigint): string => toBeHex(value, 32);

export const entryOf = {
  account: (owner: string, coins: bigint) =>
    concat(["0x00", owner, toBeHex(1, 8), toBeHex(0, 8), word(coins)]),
  balance: (owner: string, kind: number, token: string, id: bigint, amount: bigint) =>
    concat(["0x01", owner, toBeHex(kind, 1), token, word(id), word(amount)]),
  nft: (kind: number, token: string, id: bigint, holder: string) =>
    concat(["0x02", toBeHex(kind, 1), token, word(id), holder]),
  asset: (token: string, kind: number, creator: string, metadata: string) =>
    concat([
      ...["0x03", token, toBeHex(kind, 1), creator, "0x00"],
      ...[toBeHex(10, 16), toBeHex(100, 16), toBeHex(10, 8), keccak256(metadata)],
    ]),
};
