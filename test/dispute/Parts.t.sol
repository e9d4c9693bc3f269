// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Clock} from "../../contracts/dispute/Clock.sol";
import {PairTree} from "../../contracts/dispute/PairTree.sol";
import {Position, PositionFields} from "../../contracts/dispute/Position.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// The parts of a match that are arithmetic, over all of their range.
contract MatchPartsTest is Cheats {
    /// [clock-extension overflow]
    function testFuzz_Dispute4_clockIsNeverGainedNorBelowTheExtension(
        uint32 had,
        uint32 ticks,
        uint32 extension
    ) public pure {
        uint256 spent = bound(ticks, 0, had);
        uint256 left = Clock.unwrap(Clock.wrap(had).charged(spent, Clock.wrap(extension)));
        uint256 rest = uint256(had) - spent;
        assertEq(left, rest > extension ? rest : extension, "what is left, or the extension");
        assertTrue(!Clock.wrap(had).isExpired(spent), "in time");
        assertTrue(Clock.wrap(had).isExpired(uint256(had) + 1), "late");
    }

    function testFuzz_moveChangesOneClockTheTurnTheLengthAndTheMoment(
        uint32 mine,
        uint32 others,
        uint32 extension,
        uint32 ticks,
        uint8 length,
        bool isChallenger,
        uint8 segment,
        uint40 time,
        uint40 number
    ) public {
        uint256 spent = bound(ticks, 0, mine);
        uint256 log2len = 3 * bound(length, 1, 14);
        (uint256 asserters, uint256 challengers) = isChallenger ? (others, mine) : (mine, others);
        uint256 turn = isChallenger ? 1 : 0;
        uint256 head = (asserters << 64) | (challengers << 32) | extension;
        Position before = Position.wrap(
            bytes32((head << 160) | (uint256(0xabcdef) << 80) | (log2len << 72) | (turn << 64) | segment)
        );
        vm.warp(time);
        vm.roll(number);
        Position moved = before.moved(spent);
        assertEq(moved.log2len(), log2len - 3, "an eighth");
        assertEq(moved.turn(), 1 - turn, "the other's turn");
        assertEq(moved.segment(), segment, "segment");
        assertEq(Clock.unwrap(moved.extension()), extension, "extension");
        assertEq(Clock.unwrap(moved.clockOf(1 - turn)), others, "the other's clock");
        uint256 rest = uint256(mine) - spent;
        assertEq(Clock.unwrap(moved.clockOf(turn)), rest > extension ? rest : extension, "the mover's clock");
        assertEq(
            (uint256(Position.unwrap(moved)) >> 80) & type(uint80).max,
            (uint256(time) << 40) | number,
            "moment"
        );
        assertEq(uint56(uint256(Position.unwrap(moved)) >> 8), 0, "nothing elsewhere");
        assertEq(moved.hashed(), Position.unwrap(moved) & ~bytes32(uint256(0xff)), "what is hashed");
    }

    function testFuzz_segmentOpensTheTree(bytes32[9] memory states, uint8 place) public view {
        uint256 segment = place % 8;
        bytes32[] memory row = new bytes32[](8);
        for (uint256 i = 0; i < 8; ++i) row[i] = keccak256(abi.encode(states[i], states[i + 1]));
        bytes32[3] memory siblings;
        uint256 node = segment;
        for (uint256 level = 0; level < 3; ++level) {
            siblings[level] = row[node ^ 1];
            for (uint256 i = 0; i < 8 >> (level + 1); ++i)
                row[i] = keccak256(abi.encode(row[2 * i], row[2 * i + 1]));
            node >>= 1;
        }
        assertEq(PairTree.root(states), row[0], "root");
        assertEq(this.rootOf(states[segment], states[segment + 1], segment, siblings), row[0], "opened");
        assertTrue(
            this.rootOf(states[segment], ~states[segment + 1], segment, siblings) != row[0] &&
                this.rootOf(~states[segment], states[segment + 1], segment, siblings) != row[0],
            "by its own ends only"
        );
    }

    function rootOf(
        bytes32 start,
        bytes32 end,
        uint256 segment,
        bytes32[3] calldata siblings
    ) external pure returns (bytes32) {
        return PairTree.rootOf(start, end, segment, siblings);
    }
}
