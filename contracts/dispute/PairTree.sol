// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// The nine states of a match, start and s0 … s7, as a binary keccak tree of three levels over their eight pairs of neighbours:
/// keccak(start, s0), keccak(s0, s1) … keccak(s6, s7). So a move opens one segment, both its ends, with three siblings instead of nine states.
library PairTree {
    uint256 internal constant DEPTH = 3;

    /// Returns the root over nine states.
    function root(bytes32[9] memory states) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            // Pairs overlap, so a leaf is hashed where its two states stand. Eight leaves, four, two, one, each row beyond the free memory pointer.
            let row := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x100) {
                i := add(i, 0x20)
            } {
                mstore(add(row, i), keccak256(add(states, i), 0x40))
            }
            // A row's hashes take the place of its first half: word i is written after words 2i and 2i + 1 were read.
            for {
                let size := 0x80
            } size {
                size := shr(1, and(size, 0xc0))
            } {
                for {
                    let i := 0
                } lt(i, size) {
                    i := add(i, 0x20)
                } {
                    mstore(add(row, i), keccak256(add(row, shl(1, i)), 0x40))
                }
            }
            result := mload(row)
        }
    }

    /// Returns the root over a segment, given by its ends, at `segment` < 8 with its siblings, lowest first.
    function rootOf(
        bytes32 start,
        bytes32 end,
        uint256 segment,
        bytes32[3] calldata siblings
    ) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0, start)
            mstore(0x20, end)
            result := keccak256(0, 0x40)
            for {
                let i := 0
            } lt(i, 0x60) {
                i := add(i, 0x20)
            } {
                // A node with an even place is the left of its pair.
                let side := shl(5, and(segment, 1))
                mstore(side, result)
                mstore(xor(side, 0x20), calldataload(add(siblings, i)))
                result := keccak256(0, 0x40)
                segment := shr(1, segment)
            }
        }
    }
}
