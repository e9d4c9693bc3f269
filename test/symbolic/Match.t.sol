// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Clock} from "../../contracts/dispute/Clock.sol";
import {MatchSlot} from "../../contracts/dispute/MatchSlot.sol";
import {MatchTerms, MatchTermsFields} from "../../contracts/dispute/MatchTerms.sol";
import {PairTree} from "../../contracts/dispute/PairTree.sol";
import {Position, PositionFields} from "../../contracts/dispute/Position.sol";
import {ClaimTerms} from "../../contracts/hub/ClaimTerms.sol";
import {Ticks} from "../../contracts/hub/Ticks.sol";
import {Proofs} from "./Proofs.sol";

/// The arithmetic of matches: ticks, clocks, positions, slots and the tree of pairs.
contract MatchProofs is Proofs {
    uint256 private constant BLOCK_TIME = 12;

    // --------------------------------------------------------------------------------------------------------------- ticks

    /// min(seconds, 4τ · blocks), for moments in 40 bits and a block time in 16.
    function check_ticks(
        uint40 time,
        uint40 number,
        uint40 now_,
        uint40 numberNow,
        uint16 blockTime
    ) external {
        vm.assume(time <= now_ && number <= numberNow);
        vm.warp(now_);
        vm.roll(numberNow);
        uint256 ticks = Ticks.since(time, number, blockTime);
        uint256 elapsed = uint256(now_) - time;
        uint256 most = 4 * uint256(blockTime) * (uint256(numberNow) - number);
        assert(ticks == (elapsed < most ? elapsed : most));
    }

    /// A deadline of x ticks leaves at least x / 4τ blocks, and never comes before x seconds; later is never fewer ticks.
    function check_ticksLeaveBlocks(uint40 time, uint40 number, uint40 now_, uint40 numberNow) external {
        vm.assume(time <= now_ && number <= numberNow && now_ < type(uint40).max);
        vm.warp(now_);
        vm.roll(numberNow);
        uint256 ticks = Ticks.since(time, number, BLOCK_TIME);
        assert(ticks <= uint256(now_) - time);
        assert(ticks <= 4 * BLOCK_TIME * (uint256(numberNow) - number));
        vm.warp(uint256(now_) + 1);
        assert(Ticks.since(time, number, BLOCK_TIME) >= ticks);
        vm.roll(uint256(numberNow) + 1);
        assert(Ticks.since(time, number, BLOCK_TIME) >= ticks);
    }

    // -------------------------------------------------------------------------------------------------------------- clocks

    function check_clock(uint32 clock, uint256 ticks, uint32 extension) external pure {
        assert(Clock.wrap(clock).isExpired(ticks) == (ticks > clock));
        vm.assume(ticks <= clock);
        uint256 left = Clock.unwrap(Clock.wrap(clock).charged(ticks, Clock.wrap(extension)));
        uint256 rest = clock - ticks;
        assert(left == (rest > extension ? rest : extension));
    }

    // ----------------------------------------------------------------------------------------------------------- positions

    function check_opened(
        uint8 logSteps,
        uint32 clock,
        uint32 extension,
        uint40 time,
        uint40 number
    ) external {
        vm.assume(logSteps >= 3);
        vm.warp(time);
        vm.roll(number);
        Position position = PositionFields.opened(logSteps, Clock.wrap(clock), Clock.wrap(extension));
        assert(Clock.unwrap(position.clockOf(0)) == clock && Clock.unwrap(position.clockOf(1)) == clock);
        assert(Clock.unwrap(position.extension()) == extension && position.turn() == 0);
        assert(position.log2len() == logSteps - 3 && position.segment() == 0);
    }

    /// A move charges the mover's clock, gives the turn to the other, shortens the segment by three bits and notes the moment; it changes
    /// nothing else. The clocks together lose the ticks it took, up to one extension: so a match of L / 3 moves is over after at most
    /// 2C + (L / 3 + 1) · E ticks.
    function check_moved(bytes32 word, uint256 ticks, uint40 time, uint40 number) external {
        Position position = Position.wrap(word);
        uint256 side = position.turn();
        vm.assume(side < 2 && position.log2len() >= 3);
        vm.assume(ticks <= Clock.unwrap(position.clockInTurn()));
        vm.warp(time);
        vm.roll(number);
        Position next = position.moved(ticks);
        uint256 extension = Clock.unwrap(position.extension());
        uint256 rest = Clock.unwrap(position.clockOf(side)) - ticks;
        uint256 left = Clock.unwrap(next.clockOf(side));
        assert(left == (rest > extension ? rest : extension));
        assert(left + ticks <= Clock.unwrap(position.clockOf(side)) + extension);
        assert(Clock.unwrap(next.clockOf(1 - side)) == Clock.unwrap(position.clockOf(1 - side)));
        assert(Clock.unwrap(next.extension()) == extension && next.turn() == 1 - side);
        assert(next.log2len() == position.log2len() - 3);
        assert(uint256(Position.unwrap(next)) << 192 == uint256(word) << 192);
        uint256 moment = (uint256(Position.unwrap(next)) >> 80) & type(uint80).max;
        assert(moment == (uint256(time) << 40) | number);
    }

    /// All but the segment is hashed.
    function check_hashed(bytes32 word) external pure {
        assert(Position.wrap(word).hashed() == word & ~bytes32(uint256(255)));
        assert(Position.wrap(word).segment() == uint8(uint256(word)));
    }

    // --------------------------------------------------------------------------------------------------------------- slots

    /// None, over, owing and live are told apart, and an owed payment is read as it was written.
    function check_slots(
        address payee,
        uint80 amount,
        bytes32 position,
        address asserter,
        address challenger,
        bytes32 root
    ) external pure {
        uint256 owed = MatchSlot.payout(payee, amount);
        assert(MatchSlot.isPayout(owed) && !MatchSlot.isLive(owed) && owed > MatchSlot.PAID);
        assert(MatchSlot.amountOf(owed) == amount && MatchSlot.payeeOf(owed) == payee);
        uint256 live = MatchSlot.live(Position.wrap(position), asserter, challenger, root);
        assert(MatchSlot.isLive(live) && !MatchSlot.isPayout(live) && live > MatchSlot.PAID);
        assert(!MatchSlot.isLive(0) && !MatchSlot.isPayout(0));
        assert(!MatchSlot.isLive(MatchSlot.PAID) && !MatchSlot.isPayout(MatchSlot.PAID));
    }

    function check_terms(bytes32 claim, uint32 nonce, uint80 bond) external pure {
        vm.assume(uint256(claim) << 112 == 0); // as a claim's terms are: 144 bits
        MatchTerms terms = MatchTermsFields.packed(ClaimTerms.wrap(claim), nonce, bond);
        assert(ClaimTerms.unwrap(terms.claim()) == claim && terms.nonce() == nonce && terms.bond() == bond);
    }

    // ---------------------------------------------------------------------------------------------------------------- tree

    /// `PairTree.rootOf` takes its siblings from calldata.
    function rootOf(
        bytes32 start,
        bytes32 end,
        uint256 segment,
        bytes32[3] calldata siblings
    ) external pure returns (bytes32) {
        return PairTree.rootOf(start, end, segment, siblings);
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, right));
    }

    /// The tree over eight pairs in plain words, and the siblings of each of them.
    function check_tree(bytes32[9] memory states) external view {
        bytes32[8] memory pairs;
        for (uint256 i = 0; i < 8; i++) pairs[i] = node(states[i], states[i + 1]);
        bytes32[4] memory fours;
        for (uint256 i = 0; i < 4; i++) fours[i] = node(pairs[2 * i], pairs[2 * i + 1]);
        bytes32[2] memory halves = [node(fours[0], fours[1]), node(fours[2], fours[3])];
        bytes32 root = PairTree.root(states);
        assert(root == node(halves[0], halves[1]));
        for (uint256 i = 0; i < 8; i++) {
            bytes32[3] memory siblings = [pairs[i ^ 1], fours[(i >> 1) ^ 1], halves[(i >> 2) ^ 1]];
            assert(this.rootOf(states[i], states[i + 1], i, siblings) == root);
        }
    }

    /// Nothing else opens a segment: under a root of eight pairs, whatever siblings are given, place i holds states i and i + 1.
    /// @dev By the prover's model of keccak256: two inputs of one length with one hash are one input. Each place is a proof of its own.
    function opens(
        uint256 i,
        bytes32[9] memory states,
        bytes32 start,
        bytes32 end,
        bytes32[3] calldata siblings
    ) private view {
        vm.assume(this.rootOf(start, end, i, siblings) == PairTree.root(states));
        assert(start == states[i] && end == states[i + 1]);
    }

    function check_opens0(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(0, s, a, b, t);
    }

    function check_opens1(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(1, s, a, b, t);
    }

    function check_opens2(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(2, s, a, b, t);
    }

    function check_opens3(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(3, s, a, b, t);
    }

    function check_opens4(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(4, s, a, b, t);
    }

    function check_opens5(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(5, s, a, b, t);
    }

    function check_opens6(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(6, s, a, b, t);
    }

    function check_opens7(bytes32[9] memory s, bytes32 a, bytes32 b, bytes32[3] calldata t) external view {
        opens(7, s, a, b, t);
    }
}
