import { expect } from "chai";
import { id, type TransactionResponse } from "ethers";
import { endArguments, inTurn, movedMatch, type MovedEvent } from "../../sdk/src/dispute";
import { Arena, truthful } from "../dispute/arena";
import { stakedFixture } from "../dispute/staked";
import { BLOCK_TIME, passTicks } from "../hub/fixture";
import { GasSnapshot, type Parts } from "./GasSnapshot";

const FALSEHOOD = id("a commitment that nothing leads to");

/** Registers full of what never is zero: the dearest final state and the dearest step. */
const CROWD = Array.from({ length: 31 }, (_, i) => i + 1)
  .filter((i) => ![5, 6, 10, 11, 12, 13, 17].includes(i))
  .map((i) => `  li x${i}, 0x${(0x9e3779b97f4a7c15n ^ (BigInt(i) * 0x0101010101010101n)).toString(16)}`)
  .join("\n");

/** A program that has `instruction` in its loop; the eighth step after the crowd. */
const crowded = (instruction: string) => `
_start:
${CROWD}
  lui t1, 0x200
  li t0, 2
loop:
  ${instruction}
  add a0, a0, x7
  xor a1, a1, a0
  addi t0, t0, -1
  bnez t0, loop
  li a7, 93
  ecall`;

describe("Gas of disputes", () => {
  const snapshot = new GasSnapshot("dispute");

  before(function () {
    if (!GasSnapshot.isMeasurable) this.skip();
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  /** A rollup on whose hub a stranger to it has been slashed before: the treasury holds ALT. */
  async function arenaFor(source: string, logSteps: bigint): Promise<Arena> {
    await GasSnapshot.freshChain();
    const arena = await Arena.create(source, logSteps, {}, stakedFixture);
    const { f, stage, hub } = arena;
    await stage.openLine(f.rival);
    const first = await arena.post(truthful);
    const lie = await arena.claim(f.rival, first, FALSEHOOD);
    const match = await arena.open(lie, first.truth, f.stranger);
    await passTicks(stage.params.security.clock + BLOCK_TIME);
    await hub.timeOut(...endArguments(match), { gasLimit: 2_000_000 });
    return arena;
  }

  interface Cost {
    opening: Parts;
    moves: Parts[];
    settling: Parts;
    collecting: Parts;
    whole: number;
  }

  const partsOf = async (sent: Promise<TransactionResponse>): Promise<Parts> =>
    GasSnapshot.partsOf(await sent);

  /** A dispute about a batch whose claim is false from the second round of the loop on. */
  async function dispute(arena: Arena): Promise<Cost> {
    const target = await arena.post(() => ({ commitment: FALSEHOOD }));
    const lie = arena.lie(target, FALSEHOOD, target.truth.length - 7n);
    const opened = await arena.sendOpening(target, target.truth);
    const opening = await GasSnapshot.partsOf(opened);
    let match = await arena.openedBy(opened);
    const moves: Parts[] = [];
    while (match.position.log2len > 0) {
      const sent = await arena.sendMove(match, inTurn(match) === match.asserter ? lie : target.truth);
      moves.push(await GasSnapshot.partsOf(sent));
      match = movedMatch(match, await arena.eventOf<MovedEvent>(sent, "MatchMoved"));
    }
    const { challenger, hub, stage } = arena;
    const isLiarInTurn = inTurn(match) === match.asserter;
    if (isLiarInTurn) await passTicks(stage.params.security.clock + BLOCK_TIME);
    const settling = await partsOf(
      isLiarInTurn
        ? hub.connect(challenger).timeOut(...endArguments(match), { gasLimit: 2_000_000 })
        : arena.sendSettlement(match, target.truth),
    );
    const collecting = await partsOf(hub.connect(challenger).collect(match.id, challenger));
    const whole = [opening, ...moves, settling, collecting].reduce((sum, parts) => sum + parts.whole, 0);
    return { opening, moves, settling, collecting, whole };
  }

  const dearest = (of: Parts[]): Parts => of.reduce((a, b) => (b.whole > a.whole ? b : a));

  it("keeps opening, moving and a whole dispute over 2^30 steps within their bounds", async () => {
    const register = await dispute(await arenaFor(crowded("mulhsu x7, x8, x9"), 30n));
    const arena = await arenaFor(crowded("sd x7, 8(t1)"), 30n);
    const memory = await dispute(arena);
    snapshot.row("settle with slash, register instruction", register.settling.whole);
    snapshot.row("settle with slash, memory instruction", memory.settling.whole);
    snapshot.row("collect", memory.collecting.whole);
    snapshot.row("whole dispute over 2^30 steps, decided at a register instruction", register.whole);
    const move = dearest([...register.moves, ...memory.moves]);
    snapshot.part("open match", memory.opening);
    snapshot.part("move", move);
    snapshot.part("settle with slash, memory instruction", memory.settling);
    snapshot.part("collect", memory.collecting);
    expect(snapshot.headline("open match", memory.opening.whole)).to.be.at.most(74_000);
    expect(snapshot.headline("move", move.whole)).to.be.at.most(42_500);

    // The vault keeps two slashes of an operator in a slot: only the first, third … make a new one.
    snapshot.headline("whole dispute over 2^30 steps, first", memory.whole);
    await arena.stage.openLine();
    const again = await dispute(arena);
    snapshot.row("settle with slash, memory instruction, the operator's second", again.settling.whole);
    expect(snapshot.headline("whole dispute over 2^30 steps", again.whole)).to.be.at.most(640_000);
  });

  it("shows disputes over 2^36 and 2^45 steps", async () => {
    for (const logSteps of [36n, 45n]) {
      const { whole } = await dispute(await arenaFor(crowded("sd x7, 8(t1)"), logSteps));
      snapshot.row(`whole dispute over 2^${logSteps} steps`, whole);
    }
  });

  it("shows what the other ends cost", async () => {
    const arena = await arenaFor(crowded("nop"), 30n);
    const { hub, stage, f, challenger } = arena;
    const target = await arena.post(() => ({ commitment: FALSEHOOD }));
    const first = await arena.open(target);
    const second = await arena.open(target, target.truth, f.stranger);
    await passTicks(stage.params.security.clock + BLOCK_TIME);
    snapshot.row(
      "time-out with slash",
      await GasSnapshot.of(hub.timeOut(...endArguments(first), { gasLimit: 2_000_000 })),
    );
    snapshot.row("drop", await GasSnapshot.of(hub.dropMatch(...endArguments(second))));
    await hub.connect(challenger).collect(first.id, challenger);

    await stage.openLine();
    const honest = await arena.post(truthful);
    const lost = await arena.open(honest, arena.lie(honest, FALSEHOOD));
    const waiting = await arena.move(lost, honest.truth);
    await passTicks(stage.params.security.clock + BLOCK_TIME);
    snapshot.row("time-out of a challenger", await GasSnapshot.of(hub.timeOut(...endArguments(waiting))));
  });
});
