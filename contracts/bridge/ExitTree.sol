// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Proofs in a rollup's exit tree: append-only, binary, in the shape of RFC 6962, so that any later root proves an old leaf.
/// @dev `node = keccak256(0x01 ‖ left ‖ right)`. The number of leaves is committed beside the root, so the shape of every proof, and
/// with it the leaf's index, is determined: a proof holds for one index only. Source: RFC 9162, 2.1.3.2.
library ExitTree {
    /// @notice Raised when a leaf beyond the tree's end is proven. Take the index from the rollup's exit receipt.
    error ExitIndexBeyondTree(uint256 index, uint256 count);
    /// @notice Raised when a proof has too few or too many siblings for its place. Build it for exactly this count of exits.
    error ExitProofWrongLength(uint256 siblings, uint256 expected);
    /// @notice Raised when a run of exits doesn't fill a subtree. Start it at a multiple of its length (a power of two); only the tree's
    /// last run may be shorter.
    error RunNotAligned(uint256 first, uint256 length, uint256 count);

    /// Returns `keccak256(0x02 ‖ count ‖ root)`, the form in which a commitment holds the tree.
    function seal(bytes32 root, uint64 count) internal pure returns (bytes32 exitRoot) {
        uint256 leaves = count;
        // 1 + 8 + 32 bytes in scratch space.
        assembly ("memory-safe") {
            mstore(0, or(shl(248, 2), shl(184, leaves)))
            mstore(9, root)
            exitRoot := keccak256(0, 41)
        }
    }

    /// Returns the root of a tree of `count` leaves whose leaf `index` hashes to `leafHash`.
    function rootFromLeaf(
        bytes32 leafHash,
        uint256 index,
        uint256 count,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        require(index < count, ExitIndexBeyondTree(index, count));
        // count > index ≥ 0
        unchecked {
            return _climb(leafHash, index, count - 1, siblings);
        }
    }

    /// Returns the root of a tree of `count` leaves in which `hashes` are the leaves from `first` on. Overwrites `hashes`.
    /// @dev The run fills one subtree: its length is a power of two that divides `first`, or it ends the tree and starts at a multiple of
    /// the next power of two.
    function rootFromRun(
        bytes32[] memory hashes,
        uint256 first,
        uint256 count,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        uint256 length = hashes.length;
        uint256 height;
        while ((1 << height) < length) ++height;
        // first and count come from 64-bit words and length from calldata: the sum doesn't overflow.
        require(
            length != 0 &&
                first & ((1 << height) - 1) == 0 &&
                (first + length == count || (first + length < count && length == 1 << height)),
            RunNotAligned(first, length, count)
        );
        for (uint256 width = length; width > 1; width = (width + 1) >> 1) _fold(hashes, width);
        return _climb(hashes[0], first >> height, (count - 1) >> height, siblings);
    }

    /// @dev `place` is the node's position on its level, `last` that of the level's last node. Up to the level on which both have the same
    /// parent, the node has a partner on every level, on the side that its position's bit says. From there on it is the last of its
    /// level: a partner to the left where the bit is set, none where it isn't.
    function _climb(
        bytes32 node,
        uint256 place,
        uint256 last,
        bytes32[] calldata siblings
    ) private pure returns (bytes32) {
        uint256 inner = _bitLength(place ^ last);
        uint256 expected = inner;
        // Clears the lowest bit that is set; rest is not 0, and at most 64 bits are counted.
        unchecked {
            for (uint256 rest = place >> inner; rest != 0; rest &= rest - 1) ++expected;
        }
        require(siblings.length == expected, ExitProofWrongLength(siblings.length, expected));
        // Hashes 65 bytes from 0x1f on: the prefix, the left node at 0x20, the right one at 0x40, where Solidity keeps the free memory
        // pointer, which is put back in the end. Reads `siblings` only. Four levels a turn: this is a third of an exit's own gas.
        assembly ("memory-safe") {
            let freeMemory := mload(0x40)
            mstore8(0x1f, 1)
            let at := siblings.offset
            // Bit 5 of `sides`, shifted down level by level: 32 if the node is a right child, else 0.
            let sides := shl(5, place)
            for {
                let end := add(at, shl(5, and(inner, 3)))
            } lt(at, end) {
                at := add(at, 32)
            } {
                mstore(add(0x20, and(sides, 32)), node)
                mstore(sub(0x40, and(sides, 32)), calldataload(at))
                node := keccak256(0x1f, 65)
                sides := shr(1, sides)
            }
            for {
                let end := add(siblings.offset, shl(5, inner))
            } lt(at, end) {
                at := add(at, 128)
            } {
                let side := and(sides, 32)
                mstore(add(0x20, side), node)
                mstore(sub(0x40, side), calldataload(at))
                side := and(shr(1, sides), 32)
                mstore(add(0x20, side), keccak256(0x1f, 65))
                mstore(sub(0x40, side), calldataload(add(at, 32)))
                side := and(shr(2, sides), 32)
                mstore(add(0x20, side), keccak256(0x1f, 65))
                mstore(sub(0x40, side), calldataload(add(at, 64)))
                side := and(shr(3, sides), 32)
                mstore(add(0x20, side), keccak256(0x1f, 65))
                mstore(sub(0x40, side), calldataload(add(at, 96)))
                node := keccak256(0x1f, 65)
                sides := shr(4, sides)
            }
            for {
                let end := add(siblings.offset, shl(5, siblings.length))
            } lt(at, end) {
                at := add(at, 32)
            } {
                mstore(0x20, calldataload(at))
                mstore(0x40, node)
                node := keccak256(0x1f, 65)
            }
            mstore(0x40, freeMemory)
        }
        return node;
    }

    /// @dev The number of bits up to the highest that is set; `x` is below 2^64.
    function _bitLength(uint256 x) private pure returns (uint256 length) {
        // Halves what is left until a nibble remains, whose length a table of 16 bytes gives.
        assembly ("memory-safe") {
            length := shl(5, gt(x, 0xffffffff))
            length := or(length, shl(4, gt(shr(length, x), 0xffff)))
            length := or(length, shl(3, gt(shr(length, x), 0xff)))
            length := or(length, shl(2, gt(shr(length, x), 0xf)))
            length := add(length, byte(shr(length, x), shl(128, 0x00010202030303030404040404040404)))
        }
    }

    /// @dev One level of a run, in place: `width` nodes become half as many; a last one without a partner is its own parent, which is
    /// the RFC's split at the largest power of two below.
    function _fold(bytes32[] memory nodes, uint256 width) private pure {
        // Reads nodes[0 … width) and writes the first half of them, always at or before what was read last.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 1)
            let to := add(nodes, 32)
            let from := to
            let end := add(from, shl(6, shr(1, width)))
            for {} lt(from, end) {} {
                mcopy(add(buffer, 1), from, 64)
                mstore(to, keccak256(buffer, 65))
                from := add(from, 64)
                to := add(to, 32)
            }
            if and(width, 1) {
                mstore(to, mload(from))
            }
        }
    }
}
