// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// The nine states of a match, start and s0 … s7, as a binary keccak tree of three levels over their eight pairs of neighbours:
/// keccak(start, s0), keccak(s0, s1) … keccak(s6, s7). So a move opens one segment, both its ends, with three siblings instead of nine states.
library PairTree {
    uint256 internal constant DEPTH = 3;

    /// Returns the root over nine states.
    /// @dev A row's hashes take the place of its first half: word i is written after words 2i and 2i + 1 were read. Unrolled: every move pays for it.
    function root(bytes32[9] memory states) internal pure returns (bytes32 result) {
        // memory-safe: reads the states, writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let row := mload(0x40)
            // Pairs overlap, so a leaf is hashed where its two states stand.
            mstore(row, keccak256(states, 0x40))
            mstore(add(row, 0x20), keccak256(add(states, 0x20), 0x40))
            mstore(add(row, 0x40), keccak256(add(states, 0x40), 0x40))
            mstore(add(row, 0x60), keccak256(add(states, 0x60), 0x40))
            mstore(add(row, 0x80), keccak256(add(states, 0x80), 0x40))
            mstore(add(row, 0xa0), keccak256(add(states, 0xa0), 0x40))
            mstore(add(row, 0xc0), keccak256(add(states, 0xc0), 0x40))
            mstore(add(row, 0xe0), keccak256(add(states, 0xe0), 0x40))
            // Four nodes of level 1, two of level 2, the root.
            mstore(row, keccak256(row, 0x40))
            mstore(add(row, 0x20), keccak256(add(row, 0x40), 0x40))
            mstore(add(row, 0x40), keccak256(add(row, 0x80), 0x40))
            mstore(add(row, 0x60), keccak256(add(row, 0xc0), 0x40))
            mstore(row, keccak256(row, 0x40))
            mstore(add(row, 0x20), keccak256(add(row, 0x40), 0x40))
            result := keccak256(row, 0x40)
        }
    }

    /// Returns the root over a segment, given by its ends, at `segment` < 8 with its siblings, lowest first.
    function rootOf(
        bytes32 start,
        bytes32 end,
        uint256 segment,
        bytes32[3] calldata siblings
    ) internal pure returns (bytes32 result) {
        // memory-safe: writes to scratch space
        assembly ("memory-safe") {
            // A node with an even place is the left of its pair: scratch word 0, its sibling in word 1. Odd: the other way round.
            mstore(0, start)
            mstore(0x20, end)
            result := keccak256(0, 0x40)
            let side := shl(5, and(segment, 1))
            mstore(side, result)
            mstore(xor(side, 0x20), calldataload(siblings))
            result := keccak256(0, 0x40)
            side := and(shl(4, segment), 0x20)
            mstore(side, result)
            mstore(xor(side, 0x20), calldataload(add(siblings, 0x20)))
            result := keccak256(0, 0x40)
            side := and(shl(3, segment), 0x20)
            mstore(side, result)
            mstore(xor(side, 0x20), calldataload(add(siblings, 0x40)))
            result := keccak256(0, 0x40)
        }
    }
}
