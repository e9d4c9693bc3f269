// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Walks from a leaf to the root of the memory tree. Siblings lie in calldata, lowest level first. A leaf is a node of level 0 as it is; the shape of
/// the tree is fixed, so an inner node can't pass for a leaf.
library MemoryProof {
    /// Levels between a leaf and the root of the memory: 2^27 leaves of 32 bytes are 4 GiB.
    uint256 internal constant DEPTH = 27;
    /// Levels between a leaf and the root of the text: 2^16 leaves are 2 MiB.
    uint256 internal constant TEXT_DEPTH = 16;

    /// Returns the root over the leaf in calldata at `proof`, whose place is `index` and whose siblings follow it.
    function rootOf(uint256 proof, uint256 index, uint256 depth) internal pure returns (bytes32 root) {
        // memory-safe: writes to scratch space; the caller has checked that leaf and siblings lie in the witness
        assembly ("memory-safe") {
            root := calldataload(proof)
            let end := add(proof, shl(5, depth))
            for {} lt(proof, end) {} {
                proof := add(proof, 32)
                // A node with an even place is the left of its pair: scratch word 0, its sibling in word 1. Odd: the other way round.
                let side := shl(5, and(index, 1))
                mstore(side, root)
                mstore(xor(side, 32), calldataload(proof))
                root := keccak256(0, 64)
                index := shr(1, index)
            }
        }
    }

    /// Returns the memory roots over the leaf in calldata at `proof` and over `leaf` in its place: one walk, siblings are shared.
    function rootsOf(
        uint256 proof,
        uint256 index,
        uint256 leaf
    ) internal pure returns (bytes32 root, bytes32 replaced) {
        // memory-safe: writes to scratch space; the caller has checked that leaf and siblings lie in the witness
        assembly ("memory-safe") {
            root := calldataload(proof)
            replaced := leaf
            let end := add(proof, shl(5, DEPTH))
            for {} lt(proof, end) {} {
                proof := add(proof, 32)
                let side := shl(5, and(index, 1))
                mstore(xor(side, 32), calldataload(proof))
                mstore(side, root)
                root := keccak256(0, 64)
                mstore(side, replaced)
                replaced := keccak256(0, 64)
                index := shr(1, index)
            }
        }
    }
}
