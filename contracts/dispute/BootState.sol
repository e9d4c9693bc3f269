// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {reversedInLanes} from "../machine/ByteOrder.sol";
import {EXIT, STATE_SIZE} from "../machine/State.sol";

/// The first and the last state of a run, as far as a claim is concerned (docs/encodings.md).
library BootState {
    /// Where a0..a3 stand in a state: after the memory root, the pc and x1 … x9. [bytes]
    uint256 private constant A0 = 112;

    /// Returns the hash of the program's whole input for a batch of this hub.
    function inputHash(
        RollupId rollup,
        uint256 index,
        bytes32 parent,
        bytes32 headerHash,
        bytes32 configHash
    ) internal view returns (bytes32 result) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, chainid())
            mstore(add(free, 0x20), address())
            mstore(add(free, 0x40), rollup)
            mstore(add(free, 0x60), index)
            mstore(add(free, 0x80), parent)
            mstore(add(free, 0xa0), headerHash)
            mstore(add(free, 0xc0), configHash)
            result := keccak256(free, 0xe0)
        }
    }

    /// Returns the hash of the state before the first step: pc = entry, a0..a3 = the input's hash, every other register 0.
    function hash(bytes32 memoryRoot, bytes32 entry, bytes32 input) internal pure returns (bytes32 result) {
        uint256 registers = reversedInLanes(uint256(input));
        uint256 size = STATE_SIZE;
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, calldatasize(), size) // zeros
            mstore(free, memoryRoot)
            mstore(add(free, 0x20), shl(192, entry))
            mstore(add(free, A0), registers)
            result := keccak256(free, size)
        }
    }

    /// Returns the hash of a final state, whether it has exited, and its output a0..a3.
    function read(
        bytes32[9] calldata finalState
    ) internal pure returns (bytes32 result, bool hasExited, bytes32 output) {
        uint256 registers;
        uint256 counter;
        uint256 size = STATE_SIZE;
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, finalState, size)
            result := keccak256(free, size)
            counter := shr(192, mload(add(free, 0x20)))
            registers := mload(add(free, A0))
        }
        hasExited = counter == EXIT;
        output = bytes32(reversedInLanes(registers));
    }
}
