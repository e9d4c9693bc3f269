import { expect } from "chai";
import { concat, keccak256, parseEther, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { decodeExit, exitLeafHash, exitRootOf } from "../../sdk/src/ledger";
import { IInbox__factory } from "../../sdk/src/typechain";
import { eventually, Rollup, RpcClient, Settlement, Status, TestNode } from "./fixture";

interface ExitProofAnswer {
  first: number;
  leaves: string[];
  siblings: string[];
  count: number;
  slot: number;
  commitment: string;
  stateRoot: string;
  exitRoot: string;
  packed: string;
}

describe("Node > the end of a rollup", function () {
  this.timeout(180_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let sequencer: Wallet;
  const owners = Array.from({ length: 5 }, () => new Wallet(Wallet.createRandom().privateKey));
  const [alice, bob] = owners as [Wallet, Wallet];

  before(async () => {
    settlement = await Settlement.start();
    sequencer = settlement.anvil.wallet(2);
    rollup = await settlement.createRollup(sequencer, { lifetime: { unwind: 600n } });
  });

  after(async () => {
    await settlement?.stop();
  });

  /** Checks an answer of rollup_exitProof against the hub, as the bridge would. */
  async function verify(proof: ExitProofAnswer): Promise<void> {
    const inbox = IInbox__factory.connect(await settlement.hubAddress(), settlement.anvil.provider);
    expect(await inbox.commitmentIn(rollup.id, proof.slot)).to.equal(proof.commitment);
    const { leaves, first, count, siblings } = proof;
    expect(exitRootOf(exitLeafHash(leaves[0]!), first, count, siblings)).to.equal(proof.exitRoot);
    const { stateRoot, packed } = proof;
    expect(keccak256(concat([stateRoot, proof.exitRoot, packed]))).to.equal(proof.commitment);
  }

  it("serves the proof of an exit once it is final", async () => {
    const node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    try {
      const rpc = node.rpc(rollup);
      await rollup.deposit(...owners.map(({ address }) => address));
      await eventually(
        "the deposits",
        async () => BigInt(await rpc.call<string>("ledger_getBalance", owners.at(-1)!.address)) > 0n,
      );
      const exit = {
        type: "Exit",
        kind: 0,
        token: ZeroAddress,
        id: 0n,
        amount: parseEther("0.25"),
        targetRollup: 0n,
      } as const;
      const raw = await rollup.sign(alice, 0, {
        ...exit,
        to: bob.address,
        fallbackTo: alice.address,
        dataHash: ZeroHash,
      });
      const hash = await rpc.call<string>("ledger_sendTransaction", raw);
      await eventually(
        "the post",
        async () => (await rpc.call<{ finality: string }>("ledger_getReceipt", hash)).finality === "posted",
      );
      expect((await rpc.failure("rollup_exitProof", 0)).data).to.include({ name: "ExitNotFinal", index: 0 });
      await settlement.anvil.pass(4_000);
      const proof = await eventually("the proof", async () =>
        rpc.call<ExitProofAnswer>("rollup_exitProof", 0),
      );
      await verify(proof);
      expect(decodeExit(proof.leaves[0]!)).to.deep.include({
        to: bob.address,
        l2Sender: alice.address,
        amount: parseEther("0.25"),
      });
      expect(await rpc.call<unknown[]>("rollup_exits", bob.address)).to.have.length(1);
      expect(await rpc.call<unknown[]>("rollup_exits", alice.address)).to.have.length(1);
      expect(await rpc.call<unknown[]>("rollup_exits", bob.address, 1)).to.have.length(0);
    } finally {
      await node.stop();
    }
  });

  it("consumes a forced transaction while the sequencer is silent, and gives it a receipt [a silent sequencer]", async () => {
    const outsider = settlement.anvil.wallet(3);
    const node = await TestNode.start(settlement, { role: ["claimer"], key: outsider.privateKey });
    try {
      const forced = await rollup.send(alice, 1, bob.address, 11n);
      await (await settlement.hub.connect(settlement.anvil.wallet(5)).force(rollup.id, forced)).wait();
      await settlement.anvil.pass(4_000);
      const rpc = node.rpc(rollup);
      const hash = keccak256(forced);
      const receipt = await eventually("the receipt", async () => {
        const found = await rpc.call<{ status: string; finality: string } | null>("ledger_getReceipt", hash);
        return found?.finality === "posted" && found;
      });
      expect(receipt.status).to.equal("Applied");
    } finally {
      await node.stop();
    }
  });

  it("is swept and retired by a stranger's node alone, and everyone's exit can be proven [operators that don't come to the end]", async () => {
    const outsider = settlement.anvil.wallet(3);
    await (await settlement.hub.connect(outsider).openLine(rollup.id, { value: await depositOf() })).wait();
    const node = await TestNode.start(settlement, { role: ["claimer"], key: outsider.privateKey });
    try {
      const rpc: RpcClient = node.rpc(rollup);
      await (await settlement.hub.connect(settlement.anvil.wallet(1)).drain(rollup.id)).wait();
      await settlement.anvil.pass(700 + 3_700);
      await eventually(
        "the sweep",
        async () => (await rpc.call<Status>("rollup_status")).phase === 2,
        30_000,
      );
      await settlement.anvil.pass(4_000);
      await eventually(
        "retirement",
        async () => {
          await settlement.anvil.pass(24);
          return (await settlement.hub.record(rollup.id)).status === 4n;
        },
        30_000,
      );
      for (const { address } of owners) {
        const exits = await rpc.call<{ index: number; finality: string }[]>("rollup_exits", address);
        expect(exits.length, address).to.be.above(0);
        for (const { index, finality } of exits) {
          expect(finality).to.equal("final");
          await verify(await rpc.call<ExitProofAnswer>("rollup_exitProof", index));
        }
      }
      expect((await rpc.call<Status>("rollup_status")).state).to.equal("retired");
    } finally {
      await node.stop();
    }
  });

  async function depositOf(): Promise<bigint> {
    return (await settlement.hub.record(rollup.id)).deposit;
  }
});
