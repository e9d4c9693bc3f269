// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {reversedInLanes} from "./ByteOrder.sol";

/// A machine state in memory, by its address. It holds what is hashed:
///
///     0     32   40   48         288    bytes
///     | memoryRoot | pc | x1 | … | x31 |
///
/// While an instruction runs the pc is kept elsewhere and its place serves as x0: `open` clears it, `seal` writes the next pc over whatever an
/// instruction "wrote" to x0. So no access to a register needs to know about x0.
type State is uint256;

using {register, setRegister, key, memoryRoot, setMemoryRoot, fail, seal} for State global;

// [bytes]
uint256 constant STATE_SIZE = 288;
// The pc of a state that has exited; no instruction address, since it is no multiple of 4.
uint256 constant EXIT = 0xffffffffffffffff;
// The pc of a state that has failed.
uint256 constant ERROR = 0xfffffffffffffffe;
uint256 constant MASK64 = 0xffffffffffffffff;

/// Copies the state from the head of the witness. Returns it with x0 = 0, its pc and its hash.
/// @dev The caller has checked that the witness holds a state.
function open(bytes calldata witness) pure returns (State state, uint256 counter, bytes32 hash) {
    // memory-safe: takes 288 bytes at the free memory pointer, which moves behind them
    assembly ("memory-safe") {
        state := mload(0x40)
        mstore(0x40, add(state, 0x120))
        calldatacopy(state, witness.offset, 0x120)
        hash := keccak256(state, 0x120)

        // The word at 32 is pc, x1, x2, x3: split off the pc, leave 0.
        let word := mload(add(state, 32))
        counter := shr(192, word)
        mstore(add(state, 32), shr(64, shl(64, word)))
    }
}

/// Ends the step at the next pc. Returns the hash of the state.
function seal(State state, uint256 counter) pure returns (bytes32 hash) {
    // memory-safe: stays within the state's 288 bytes
    assembly ("memory-safe") {
        let word := mload(add(state, 32))
        mstore(add(state, 32), or(shl(192, counter), shr(64, shl(64, word))))
        hash := keccak256(state, 0x120)
    }
}

/// Returns x`index`, unsigned, 64 bits. `index` < 32.
function register(State state, uint256 index) pure returns (uint256 value) {
    // memory-safe: reads bytes 8 + 8i … 40 + 8i of the state, at most 256 … 288
    assembly ("memory-safe") {
        // x_i ends at byte 40 + 8i: the word that ends there has it in its low 64 bits.
        value := and(mload(add(state, add(8, shl(3, index)))), MASK64)
    }
}

/// Sets x`index` to the low 64 bits of `value`. `index` < 32.
function setRegister(State state, uint256 index, uint256 value) pure {
    // memory-safe: writes the word that `register` reads, of which all but the low 64 bits stay
    assembly ("memory-safe") {
        let at := add(state, add(8, shl(3, index)))
        mstore(at, or(shl(64, shr(64, mload(at))), and(value, MASK64)))
    }
}

/// Returns the 32 bytes in a1..a4, little-endian in each.
function key(State state) pure returns (bytes32) {
    uint256 lanes;
    // memory-safe: reads bytes 120 … 152 of the state
    assembly ("memory-safe") {
        // x11 … x14 are the 32 bytes at 32 + 8·11.
        lanes := mload(add(state, 120))
    }
    return bytes32(reversedInLanes(lanes));
}

function memoryRoot(State state) pure returns (bytes32 root) {
    // memory-safe: reads the state's first word
    assembly ("memory-safe") {
        root := mload(state)
    }
}

function setMemoryRoot(State state, bytes32 root) pure {
    // memory-safe: writes the state's first word
    assembly ("memory-safe") {
        mstore(state, root)
    }
}

/// An error halt: zeroes a0..a3, which a claim reads, and returns the pc of failure. Nothing else changes.
function fail(State state) pure returns (uint256 pc) {
    // memory-safe: writes bytes 112 … 144 of the state
    assembly ("memory-safe") {
        // x10 … x13 are the 32 bytes at 32 + 8·10.
        mstore(add(state, 112), 0)
    }
    return ERROR;
}
