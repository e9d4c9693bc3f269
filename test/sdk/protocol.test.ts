import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ZeroHash, concat, dataLength, dataSlice, hexlify, id, keccak256, toBeHex } from "ethers";
import {
  CALLDATA_MODULE,
  FORCED,
  FieldOverflowError,
  MESSAGE_ONLY,
  NORMAL,
  OPEN_MODULE,
  SINGLE_MODULE,
  SKIP,
  allowedTargets,
  batchHash,
  calldataChunks,
  calldataCommitment,
  chainMessage,
  claimId,
  claimKey,
  commitmentHash,
  configHash,
  decodeCommitment,
  decodeConfig,
  decodeEntry,
  decodeHeader,
  decodeMessage,
  encodeClaim,
  encodeConfig,
  encodeFinalize,
  encodeHeader,
  encodeMessage,
  encodePost,
  entryHash,
  entryWords,
  configWords,
  headerHash,
  hotVerbs,
  inputHash,
  l2ChainId,
  packCommitment,
  packWord,
  slowTicksBetween,
  ticksBetween,
  unpackPostTerms,
  unpackWord,
  type Config,
  type Entry,
  type Header,
} from "../../sdk/src/protocol";
import { runs } from "../../programs/vectors/ledger.runs.json";
import { Stage, hubFixture } from "../hub/fixture";

const address = (byte: string) => `0x${byte.repeat(20)}`;

const config: Config = {
  programHash: id("program"),
  l2ChainId: 0x8123456789abcn,
  batchGas: 30_000_000n,
  messageGas: 100_000n,
  messageBound: 64n,
  logSteps: 36n,
  policyMask: 1n,
  policyThreshold: 1n,
  availability: CALLDATA_MODULE,
  clock: 960n,
  extension: 240n,
  bond: 10n ** 15n,
  window: 1_920n,
  feeRecipient: address("fe"),
  gasPrice: 7n,
};

const header: Header = {
  flags: MESSAGE_ONLY,
  index: 5n,
  poster: address("aa"),
  target: 9n,
  dataCommitment: keccak256("0x"),
  targetHash: id("target"),
  l1Hash: id("l1"),
  l1Number: 1_000n,
  timestamp: 2_000n,
};

const entry: Entry = {
  batchHash: id("batch"),
  claimKey: id("key"),
  asserter: address("bb"),
  nonce: 3n,
  window: 1_920n,
  policyMask: 1,
  policyThreshold: 1,
  flags: 2,
  backedTime: 5_000n,
  backedBlock: 400n,
  postTime: 4_000n,
  gap: 60n,
};

describe("sdk > protocol", () => {
  describe("words", () => {
    it("refuse what doesn't fit", () => {
      expect(() => packWord([8, 256])).to.throw(FieldOverflowError, "256 doesn't fit 8 bits");
      expect(() => packWord([8, -1])).to.throw(FieldOverflowError);
      expect(() => packWord([200, 1], [57, 1])).to.throw(RangeError);
      expect(() => unpackWord(ZeroHash, 200, 57)).to.throw(RangeError);
    });

    it("come back as they went", () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 4 }),
          fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
          (widths, seed) => {
            const values = widths.map((bits, i) => (seed >> BigInt(i)) & ((1n << BigInt(bits)) - 1n));
            const word = packWord(...widths.map((bits, i) => [bits, values[i] ?? 0n] as const));
            expect(unpackWord(word, ...widths)).to.deep.equal(values);
          },
        ),
      );
    });
  });

  it("names the built-in modules by their hashes", () => {
    const last20 = (text: string) => `0x${id(text).slice(26)}`;
    expect(CALLDATA_MODULE.toLowerCase()).to.equal(last20("rollworks.availability.calldata"));
    expect(SINGLE_MODULE.toLowerCase()).to.equal(last20("rollworks.sequencing.single"));
    expect(OPEN_MODULE.toLowerCase()).to.equal(last20("rollworks.sequencing.open"));
  });

  describe("config", () => {
    it("has the drawn bytes", () => {
      expect(encodeConfig(config)).to.equal(
        concat([
          config.programHash,
          toBeHex(config.l2ChainId, 8),
          "0x0000000001c9c380", // batchGas
          "0x000186a0", // messageGas
          "0x0040", // messageBound
          "0x24", // L
          "0x00", // access
          "0x0101", // policy
          "0x0001", // version
          "0x00000000",
          CALLDATA_MODULE,
          "0x000000000000000000000000",
          "0x000003c0", // C
          "0x000000f0", // E
          "0x0000000000038d7ea4c68000", // B
          "0x00000780", // W
          "0x0000000000000000",
          config.feeRecipient,
          "0x000000000000000000000007",
          ZeroHash,
        ]),
      );
    });

    it("comes back as it went", () => {
      const back = decodeConfig(configWords(config));
      expect(configHash(back)).to.equal(configHash(config));
      expect({ ...back, availability: CALLDATA_MODULE }).to.deep.equal(config);
    });

    it("hashes as the hub does", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      const record = await f.hub.record(stage.rollup);
      expect(record.configHash).to.equal(configHash(stage.config));
      expect(record.l2ChainId).to.equal(l2ChainId(31_337n, await f.hub.getAddress(), stage.rollup));
    });
  });

  describe("header", () => {
    it("has the drawn bytes", () => {
      expect(encodeHeader(header)).to.equal(
        concat([
          CALLDATA_MODULE,
          "0x00", // readKind
          "0x01", // flags
          "0x0001", // version
          "0x0000000000000005",
          header.poster,
          "0x00000000",
          "0x0000000000000009",
          header.dataCommitment,
          header.targetHash,
          header.l1Hash,
          "0x00000000000000000000000000000000",
          "0x00000000000003e8",
          "0x00000000000007d0",
        ]),
      );
      expect(dataLength(encodeHeader(header))).to.equal(192);
    });

    it("comes back as it went", () => {
      const back = decodeHeader(encodeHeader(header));
      expect(headerHash(back)).to.equal(headerHash(header));
      expect(back.index).to.equal(5n);
      expect(back.flags).to.equal(MESSAGE_ONLY);
    });

    it("pins with the config what a program reads", () => {
      const hashes = { headerHash: headerHash(header), configHash: configHash(config) };
      expect(batchHash(hashes.headerHash, hashes.configHash)).to.equal(
        keccak256(concat([hashes.headerHash, hashes.configHash])),
      );
      const parent = id("parent");
      expect(
        inputHash({ chainId: 1n, hub: address("cc"), rollup: 2n, index: 5n, parent, ...hashes }),
      ).to.equal(
        keccak256(
          concat([
            toBeHex(1, 32),
            toBeHex(address("cc"), 32),
            toBeHex(2, 32),
            toBeHex(5, 32),
            parent,
            hashes.headerHash,
            hashes.configHash,
          ]),
        ),
      );
    });
  });

  describe("batch data", () => {
    it("is cut into chunks of 4,096 bytes", () => {
      for (const [length, chunks] of [
        [0, []],
        [1, [1]],
        [4_096, [4_096]],
        [4_097, [4_096, 1]],
        [8_192, [4_096, 4_096]],
      ] as const) {
        const data = hexlify(new Uint8Array(length).fill(7));
        expect(calldataChunks(data).map(dataLength)).to.deep.equal(chunks);
        expect(calldataCommitment(data)).to.equal(
          keccak256(concat(calldataChunks(data).map((c) => keccak256(c)))),
        );
      }
    });
  });

  describe("messages", () => {
    it("are refused when they are longer than the hub takes", () => {
      const message = (length: number) => ({
        kind: 2,
        sender: "0x" + "dd".repeat(20),
        body: "0x" + "ff".repeat(length),
      });
      expect(encodeMessage(message(4_074)).length).to.equal(2 + 2 * 4_096);
      expect(() => encodeMessage(message(4_075))).to.throw(
        RangeError,
        "a message of 4097 bytes, its head included, where 4096 fit",
      );
    });

    it("are refused when a field isn't as long as it is drawn", () => {
      const message = { kind: 2, sender: address("dd"), body: "0x" };
      for (const [change, problem] of [
        [{ kind: 256 }, "kinds are 0 to 255"],
        [{ kind: 1.5 }, "kinds are 0 to 255"],
        [{ kind: -1 }, "kinds are 0 to 255"],
        [{ sender: "0x" + "dd".repeat(19) }, "a sender of 19 bytes where 20 belong"],
        [{ sender: "0x" + "dd".repeat(32) }, "a sender of 32 bytes where 20 belong"],
      ] as const)
        expect(() => encodeMessage({ ...message, ...change })).to.throw(RangeError, problem);
    });

    it("are version, kind, sender, body, and come back", () => {
      const message = { kind: FORCED, sender: address("dd"), body: "0x1234" };
      expect(encodeMessage(message)).to.equal(`0x0102${"dd".repeat(20)}1234`);
      const back = decodeMessage(encodeMessage(message));
      expect({ ...back, sender: back.sender.toLowerCase() }).to.deep.equal(message);
      expect(chainMessage(ZeroHash, "0x01")).to.equal(keccak256(concat([ZeroHash, keccak256("0x01")])));
    });

    it("give the targets that the hub takes", () => {
      const at = (count: bigint, due: bigint, target: bigint) =>
        allowedTargets({ count, due, target, messageBound: 8n });
      expect(at(0n, 0n, 0n)).to.deep.equal([0n]);
      expect(at(6n, 3n, 3n)).to.deep.equal([6n, 3n]);
      expect(at(20n, 8n, 3n)).to.deep.equal([8n]);
      expect(at(99n, 83n, 3n)).to.deep.equal([8n]);
      expect(at(99n, 83n, 8n)).to.deep.equal([16n]);
      expect(at(99n, 83n, 75n)).to.deep.equal([83n]);
    });
  });

  it("packs a commitment", () => {
    const fields = {
      stateRoot: id("state"),
      exitRoot: id("exit"),
      block: 1n,
      timestamp: 2n,
      messagesConsumed: 3n,
      transactions: 4n,
      phase: 2,
    };
    expect(packCommitment(fields)).to.equal(
      "0x0000000000000001000000000000000200000000000000030000000000000402",
    );
    expect(commitmentHash(fields)).to.equal(
      keccak256(concat([fields.stateRoot, fields.exitRoot, packCommitment(fields)])),
    );
    expect(decodeCommitment(fields.stateRoot, fields.exitRoot, packCommitment(fields))).to.deep.equal(fields);
  });

  it("commits as the programs do", () => {
    for (const { commitment, commitmentPreimage } of runs) {
      const [stateRoot, exitRoot, packed] = [0, 32, 64].map((at) =>
        dataSlice(commitmentPreimage, at, at + 32),
      );
      const fields = decodeCommitment(stateRoot!, exitRoot!, packed!);
      expect(commitmentHash(fields)).to.equal(commitment);
    }
  });

  describe("claims", () => {
    const claim = {
      rollup: 1n,
      index: 2n,
      batchHash: id("batch"),
      parent: id("parent"),
      mode: SKIP,
      commitment: id("parent"),
    };

    it("have a key of six words, and an id of three", () => {
      expect(claimKey(claim)).to.equal(
        keccak256(
          concat([
            toBeHex(1, 32),
            toBeHex(2, 32),
            claim.batchHash,
            claim.parent,
            toBeHex(1, 32),
            claim.commitment,
          ]),
        ),
      );
      expect(claimId(id("key"), address("bb"), 3n)).to.equal(
        keccak256(concat([id("key"), toBeHex(address("bb"), 32), toBeHex(3, 32)])),
      );
    });

    it("have entries of the drawn words, which come back", () => {
      expect(entryWords(entry)).to.deep.equal([
        entry.batchHash,
        entry.claimKey,
        `${entry.asserter}00000003` + "00000780" + "0101" + "0002",
        "0x0000000000001388" + "0000000000000190" + "0000000000000fa0" + "000000000000003c",
      ]);
      expect(decodeEntry(entryWords(entry))).to.deep.equal(entry);
    });

    it("have slots that the hub computes alike", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await stage.openLine();
      await stage.openLine(f.rival);
      const posted = await stage.post({ data: "0x1234" });
      expect(await f.hub.ringEntryOf(stage.rollup, 1)).to.equal(entryHash(posted.entry));
      const own = await stage.claim(f.rival, stage.claimFor(1n, id("other")));
      expect(await f.hub.claimEntryOf(own.claimKey, own.asserter, 1)).to.equal(entryHash(own));
    });
  });

  describe("calls of the hot verbs", () => {
    it("are those of the hub's ABI", async () => {
      const { hub } = await loadFixture(hubFixture);
      for (const verb of ["post", "claim", "finalize"] as const) {
        expect(hotVerbs.getFunction(verb)!.selector).to.equal(hub.interface.getFunction(verb).selector);
      }
    });

    it("come back as they went", () => {
      const terms = {
        rollup: 7n,
        index: 8n,
        target: 9n,
        l1Number: 10n,
        timestamp: 11n,
        flags: 1,
        mode: SKIP,
      };
      const post = hotVerbs.decodeFunctionData(
        "post",
        encodePost(terms, id("batch"), "0xabcd", { parent: id("p"), commitment: id("c") }),
      );
      expect(unpackPostTerms(post.terms as string)).to.deep.equal(terms);
      expect([post.batchHash, post.data, post.parent, post.commitment]).to.deep.equal([
        id("batch"),
        "0xabcd",
        id("p"),
        id("c"),
      ]);
      const target = { rollup: 7n, index: 8n, mode: NORMAL, parent: id("p"), commitment: id("c"), place: 1 };
      const claim = hotVerbs.decodeFunctionData("claim", encodeClaim(target, entry));
      expect([...(claim.entry as string[])]).to.deep.equal(entryWords(entry));
      const finalize = hotVerbs.decodeFunctionData("finalize", encodeFinalize(target, entry));
      expect(unpackWord(finalize.terms as string, 64, 32, 8, 8)).to.deep.equal([7n, 8n, 0n, 1n]);
      expect([finalize.backing, finalize.times]).to.deep.equal(entryWords(entry).slice(2));
    });
  });

  it("counts ticks: seconds, at most four block times per block", () => {
    const from = { time: 1_000n, block: 10n };
    expect(ticksBetween(from, { time: 1_100n, block: 20n }, 12n)).to.equal(100n);
    expect(ticksBetween(from, { time: 99_000n, block: 11n }, 12n)).to.equal(48n);
    expect(ticksBetween(from, from, 12n)).to.equal(0n);
    expect(slowTicksBetween(from, { time: 1_100n, block: 20n }, 12n)).to.equal(100n);
    expect(slowTicksBetween(from, { time: 99_000n, block: 11n }, 12n)).to.equal(12n);
  });
});
