// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// keccak256 over words, `keccak(a, b, …)` of docs/encodings.md: the same as over `abi.encode`, without taking memory.
library WordHash {
    function digest(bytes32 a, bytes32 b) internal pure returns (bytes32 hash) {
        // memory-safe: writes to scratch space
        assembly ("memory-safe") {
            mstore(0, a)
            mstore(32, b)
            hash := keccak256(0, 64)
        }
    }

    function digest(bytes32 a, bytes32 b, bytes32 c) internal pure returns (bytes32 hash) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(64)
            mstore(free, a)
            mstore(add(free, 32), b)
            mstore(add(free, 64), c)
            hash := keccak256(free, 96)
        }
    }

    function digest(bytes32 a, bytes32 b, bytes32 c, bytes32 d) internal pure returns (bytes32 hash) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(64)
            mstore(free, a)
            mstore(add(free, 32), b)
            mstore(add(free, 64), c)
            mstore(add(free, 96), d)
            hash := keccak256(free, 128)
        }
    }

    function digest(
        bytes32 a,
        bytes32 b,
        bytes32 c,
        bytes32 d,
        bytes32 e,
        bytes32 f
    ) internal pure returns (bytes32 hash) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(64)
            mstore(free, a)
            mstore(add(free, 32), b)
            mstore(add(free, 64), c)
            mstore(add(free, 96), d)
            mstore(add(free, 128), e)
            mstore(add(free, 160), f)
            hash := keccak256(free, 192)
        }
    }
}
