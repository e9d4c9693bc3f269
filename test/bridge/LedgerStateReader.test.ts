import { expect } from "chai";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import {
  ZeroAddress,
  ZeroHash,
  concat,
  dataLength,
  dataSlice,
  getBytes,
  hexlify,
  id,
  keccak256,
  toBeHex,
} from "ethers";
import { ethers } from "hardhat";
import * as ledger from "../../sdk/src/ledger";
import vectors from "../../programs/vectors/ledger.state.json";
import { PlainState, entryOf } from "./PlainState";
import { assetWord } from "./fixture";

/** A proof taken apart: entry and nodes of the holding, and of the asset it is of. */
interface Shown {
  recordHash: string;
  entry: string;
  nodes: string;
  born: string;
  bornNodes: string;
  metadata: string;
}
const LENGTHS = [69, 106, 74, 115];
const counted = (nodes: string): string => concat([toBeHex(Math.floor(dataLength(nodes) / 34), 2), nodes]);
const encode = ({ recordHash, entry, nodes, born, bornNodes, metadata }: Shown): string =>
  concat([recordHash, entry, counted(nodes), ...(born === "0x" ? [] : [born, counted(bornNodes)]), metadata]);

function decode(proof: string): Shown {
  let rest = dataSlice(proof, 32);
  const take = (length: number): string => {
    const taken = dataSlice(rest, 0, length);
    rest = dataSlice(rest, length);
    return taken;
  };
  const entryAndNodes = (): [string, string] => {
    const entry = take(LENGTHS[Number(dataSlice(rest, 0, 1))] ?? 0);
    return [entry, take(34 * Number(take(2)))];
  };
  const [entry, nodes] = entryAndNodes();
  const [born, bornNodes] = rest === "0x" ? ["0x", "0x"] : entryAndNodes();
  return { recordHash: dataSlice(proof, 0, 32), entry, nodes, born, bornNodes, metadata: rest };
}

const someone = (name: string): string => dataSlice(id(name), 12);
const [owner, creator, token, collection, multi] = ["owner", "creator", "token", "collection", "multi"].map(
  someone,
) as [string, string, string, string, string];
const texts = hexlify(ledger.encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const pieces = hexlify(ledger.encodeMetadata({ name: "Pieces", symbol: "PCS", uri: "ipfs://pieces/" }));

/** A state with a holding of each kind. */
const state = new PlainState(
  [
    entryOf.account(owner, 5n),
    entryOf.account(creator, 0n),
    entryOf.balance(owner, 1, someone("erc20"), 0n, 6n),
    entryOf.nft(2, someone("erc721"), 7n, owner),
    entryOf.balance(owner, 3, someone("erc1155"), 8n, 9n),
    entryOf.balance(owner, 5, token, 0n, 10n),
    entryOf.nft(6, collection, 123n, owner),
    entryOf.balance(owner, 7, multi, 11n, 12n),
    entryOf.asset(token, 5, creator, texts),
    entryOf.asset(collection, 6, creator, pieces),
    entryOf.asset(multi, 7, creator, texts),
    ...Array.from({ length: 50 }, (_, i) => entryOf.account(someone(`account ${i}`), 1n)),
  ],
  [texts, pieces],
);
const kinds: [string, ledger.Asset, bigint, string][] = [
  ["coins", { kind: 0, token: ZeroAddress, id: 0n }, 5n, ZeroHash],
  ["an ERC-20 balance", { kind: 1, token: someone("erc20"), id: 0n }, 6n, ZeroHash],
  ["an ERC-721 token", { kind: 2, token: someone("erc721"), id: 7n }, 1n, ZeroHash],
  ["an ERC-1155 balance", { kind: 3, token: someone("erc1155"), id: 8n }, 9n, ZeroHash],
  ["a token born on the rollup", { kind: 5, token, id: 0n }, 10n, keccak256(texts)],
  [
    "a piece of a collection born there",
    { kind: 6, token: collection, id: 123n },
    1n,
    ledger.metadataHash({ name: "Pieces", symbol: "PCS", uri: "ipfs://pieces/123" }),
  ],
  ["a multi-token born there", { kind: 7, token: multi, id: 11n }, 12n, keccak256(texts)],
];

async function deployed() {
  return ethers.deployContract("LedgerStateReader");
}

describe("LedgerStateReader > holding", () => {
  describe("when the proof lies", () => {
    async function refuses(change: (shown: Shown) => Partial<Shown>, error: string, asset = kinds[1]![1]) {
      const reader = await loadFixture(deployed);
      const { proof } = await ledger.proveHolding(state.reader, owner, asset);
      const shown = decode(proof);
      const call = reader.holding(state.stateRoot, encode({ ...shown, ...change(shown) }));
      await expect(call).to.be.revertedWithCustomError(reader, error);
      return { call, reader };
    }
    const flip = (bytes: string, at: number): string => {
      const changed = getBytes(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      return hexlify(changed);
    };

    it("refuses a lie about any byte of the entry", async () => {
      const reader = await loadFixture(deployed);
      for (const [, asset] of kinds.slice(0, 4)) {
        const shown = decode((await ledger.proveHolding(state.reader, owner, asset)).proof);
        for (let at = 1; at < getBytes(shown.entry).length; at++) {
          const entry = flip(shown.entry, at);
          await expect(
            reader.holding(state.stateRoot, encode({ ...shown, entry })),
            `byte ${at} of kind ${asset.kind}`,
          ).to.be.revertedWithCustomError(reader, "StateRootMismatch");
        }
      }
    });

    it("refuses another root, record, sibling or place, by computed and wanted root", async () => {
      const reader = await loadFixture(deployed);
      const { proof } = await ledger.proveHolding(state.reader, owner, kinds[0]![1]);
      await expect(reader.holding(id("other"), proof))
        .to.be.revertedWithCustomError(reader, "StateRootMismatch")
        .withArgs(state.stateRoot, id("other"));
      await refuses(() => ({ recordHash: id("lie") }), "StateRootMismatch");
      await refuses(({ nodes }) => ({ nodes: flip(nodes, 2) }), "StateRootMismatch");
      await refuses(({ nodes }) => ({ nodes: dataSlice(nodes, 34) }), "StateRootMismatch");
      const other = decode((await ledger.proveHolding(state.reader, owner, kinds[3]![1])).proof);
      await refuses(() => ({ nodes: other.nodes }), "StateRootMismatch");
    });

    it("refuses nodes that don't parse, and bits that don't grow downwards", async () => {
      await refuses(({ nodes }) => ({ nodes: concat([nodes, "0x00"]) }), "StateProofMalformed");
      await refuses(() => ({ metadata: "0x00" }), "StateProofMalformed");
      await refuses(() => ({ metadata: "0x00" }), "StateProofMalformed", { kind: 5, token, id: 0n });
      await refuses(({ nodes }) => ({ nodes: dataSlice(nodes, 0, 33) }), "StateRootMismatch");
      await refuses(
        ({ nodes }) => ({
          nodes: concat([dataSlice(nodes, 34, 68), dataSlice(nodes, 0, 34), dataSlice(nodes, 68)]),
        }),
        "StateProofMalformed",
      );
      await refuses(
        ({ nodes }) => ({ nodes: concat([nodes, toBeHex(512, 2), ZeroHash]) }),
        "StateProofMalformed",
      );
      await refuses(({ nodes }) => ({ nodes: concat([nodes, nodes]) }), "StateProofMalformed");
    });

    it("refuses an inner node for an entry, and no entry at all", async () => {
      const { steps } = await state.reader.prove(ledger.accountKey(owner));
      const inner = concat([toBeHex(steps[0]!.bit, 2), steps[0]!.sibling, steps[0]!.sibling]);
      await refuses(
        () => ({ entry: dataSlice(concat([inner, inner]), 0, LENGTHS[0]), nodes: "0x" }),
        "StateRootMismatch",
      );
      await refuses(() => ({ entry: "0x" }), "StateProofMalformed");
      await refuses(() => ({ entry: "0x00" }), "StateProofMalformed");
      await refuses(() => ({ entry: "0x07" + "00".repeat(80) }), "StateProofMalformed");
      const reader = await loadFixture(deployed);
      for (const proof of ["0x", ZeroHash, concat([ZeroHash, "0x00"])]) {
        await expect(reader.holding(state.stateRoot, proof)).to.be.revertedWithCustomError(
          reader,
          "StateProofMalformed",
        );
      }
    });

    it("refuses what holds nothing: empty accounts, assets, minters", async () => {
      const reader = await loadFixture(deployed);
      for (const key of [ledger.accountKey(creator), ledger.assetKey(token)]) {
        const { entry, steps } = await state.reader.prove(key);
        const nodes = concat(steps.flatMap(({ bit, sibling }) => [toBeHex(bit, 2), sibling]));
        const recordHash = await state.reader.recordHash();
        const shown = {
          recordHash,
          entry: hexlify(entry!),
          nodes,
          born: "0x",
          bornNodes: "0x",
          metadata: "0x",
        };
        await expect(reader.holding(state.stateRoot, encode(shown)))
          .to.be.revertedWithCustomError(reader, "EntryHoldsNothing")
          .withArgs(hexlify(entry!));
      }
    });

    it("refuses entries of the wrong shape, which no ledger writes: a holding is one entry's", async () => {
      const reader = await loadFixture(deployed);
      const odd = [
        entryOf.balance(owner, 0, ZeroAddress, 0n, 5n),
        entryOf.balance(owner, 2, token, 7n, 1n),
        entryOf.balance(owner, 6, token, 7n, 1n),
        entryOf.nft(1, token, 7n, owner),
      ];
      const oddly = new PlainState(odd);
      for (const entry of odd) {
        const { steps } = await oddly.reader.prove(ledger.keyOf(entry));
        const nodes = concat(steps.flatMap(({ bit, sibling }) => [toBeHex(bit, 2), sibling]));
        const recordHash = await oddly.reader.recordHash();
        const shown = { recordHash, entry, nodes, born: "0x", bornNodes: "0x", metadata: "0x" };
        await expect(reader.holding(oddly.stateRoot, encode(shown)))
          .to.be.revertedWithCustomError(reader, "EntryHoldsNothing")
          .withArgs(entry);
      }
    });

    it("refuses another asset's entry, and other metadata, for what was born on the rollup", async () => {
      const reader = await loadFixture(deployed);
      const born = { kind: 5, token, id: 0n };
      const shown = decode((await ledger.proveHolding(state.reader, owner, born)).proof);
      const foreign = decode(
        (await ledger.proveHolding(state.reader, owner, { kind: 7, token: multi, id: 11n })).proof,
      );
      const lie = { ...shown, born: foreign.born, bornNodes: foreign.bornNodes };
      await expect(reader.holding(state.stateRoot, encode(lie)))
        .to.be.revertedWithCustomError(reader, "BornEntryForeign")
        .withArgs(foreign.born, assetWord(5, token));
      const account = { ...shown, born: shown.entry, bornNodes: shown.nodes };
      await expect(reader.holding(state.stateRoot, encode(account)))
        .to.be.revertedWithCustomError(reader, "BornEntryForeign")
        .withArgs(shown.entry, assetWord(5, token));
      await refuses(() => ({ born: "0x" }), "StateProofMalformed", born);
      await refuses(({ born: entry }) => ({ born: flip(entry, 90) }), "StateRootMismatch", born);
      const piece = { kind: 6, token: collection, id: 123n };
      const { call } = await refuses(() => ({ metadata: texts }), "CollectionMetadataWrong", piece);
      await expect(call)
        .to.be.revertedWithCustomError(reader, "CollectionMetadataWrong")
        .withArgs(keccak256(texts), keccak256(pieces));
    });
  });

  for (const [what, asset, amount, metadataHash] of kinds) {
    it(`shows ${what}`, async () => {
      const reader = await loadFixture(deployed);
      const { proof, metadata } = await ledger.proveHolding(state.reader, owner, asset);
      const held = await reader.holding(state.stateRoot, proof);
      expect(held.owner.toLowerCase()).to.equal(owner);
      expect(held.asset).to.equal(assetWord(asset.kind, asset.token));
      expect([held.id, held.amount, held.isKeyOnly]).to.deep.equal([asset.id, amount, false]);
      expect(held.metadataHash).to.equal(metadataHash);
      if (metadataHash !== ZeroHash) expect(keccak256(metadata)).to.equal(metadataHash);
    });
  }

  it("shows every holding of the state that the ledger's own vectors pin", async () => {
    const reader = await loadFixture(deployed);
    const words = concat([vectors.treeRoot, keccak256(vectors.record)]);
    const known = new Map(
      [words, vectors.record, ...vectors.preimages].map((bytes) => [keccak256(bytes), bytes]),
    );
    const pinned = new ledger.StateReader(vectors.stateRoot, (hash) => getBytes(known.get(hash) ?? "0x"));
    let shown = 0;
    for (const wallet of [...vectors.wallets, "0x" + "fe".repeat(20)]) {
      for (const { asset, amount } of await ledger.listHoldings(pinned, wallet)) {
        if (asset.kind >= 5) continue;
        const { proof } = await ledger.proveHolding(pinned, wallet, asset);
        const held = await reader.holding(vectors.stateRoot, proof);
        expect(held.owner.toLowerCase()).to.equal(wallet);
        expect([held.asset, held.id, held.amount]).to.deep.equal([
          assetWord(asset.kind, asset.token),
          asset.id,
          amount,
        ]);
        shown++;
      }
    }
    // Nine accounts have coins, seven ERC-20 tokens, one an NFT.
    expect(shown).to.equal(17);
  });

  it("shows the one holding of a state of one entry", async () => {
    const reader = await loadFixture(deployed);
    const lonely = new PlainState([entryOf.account(owner, 5n)]);
    const { proof } = await ledger.proveHolding(lonely.reader, owner, kinds[0]![1]);
    expect((await reader.holding(lonely.stateRoot, proof)).amount).to.equal(5n);
  });
});
