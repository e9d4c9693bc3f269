// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// An instruction word of 32 bits. Immediates come sign-extended to 256 bits, so that plain additions modulo 2^256 are right modulo 2^64 too.
///
///     31      25 24  20 19  15 14  12 11       7 6    0
///     | funct7  | rs2  | rs1  |funct3| rd       | opcode |   R
///     | imm[11:0]      | rs1  |funct3| rd       | opcode |   I
///     | imm[11:5]| rs2 | rs1  |funct3| imm[4:0] | opcode |   S
///     | imm[12|10:5]   | …           | imm[4:1|11]       |   B
///     | imm[31:12]                   | rd       | opcode |   U
///     | imm[20|10:1|11|19:12]        | rd       | opcode |   J
type Instruction is uint256;

using {
    opcode,
    rd,
    funct3,
    rs1,
    rs2,
    funct7,
    shiftAmount,
    immediateI,
    immediateS,
    immediateB,
    immediateU,
    immediateJ
} for Instruction global;

function opcode(Instruction i) pure returns (uint256) {
    return Instruction.unwrap(i) & 0x7f;
}

function rd(Instruction i) pure returns (uint256) {
    return (Instruction.unwrap(i) >> 7) & 0x1f;
}

function funct3(Instruction i) pure returns (uint256) {
    return (Instruction.unwrap(i) >> 12) & 7;
}

function rs1(Instruction i) pure returns (uint256) {
    return (Instruction.unwrap(i) >> 15) & 0x1f;
}

function rs2(Instruction i) pure returns (uint256) {
    return (Instruction.unwrap(i) >> 20) & 0x1f;
}

function funct7(Instruction i) pure returns (uint256) {
    return Instruction.unwrap(i) >> 25;
}

/// The six-bit amount of an immediate shift of 64 bits.
function shiftAmount(Instruction i) pure returns (uint256) {
    return (Instruction.unwrap(i) >> 20) & 0x3f;
}

function immediateI(Instruction i) pure returns (uint256 immediate) {
    // memory-safe: touches no memory; `signextend(3, i)` needs no clean bits above the word's 32
    assembly ("memory-safe") {
        immediate := sar(20, signextend(3, i))
    }
}

function immediateS(Instruction i) pure returns (uint256 immediate) {
    // memory-safe: touches no memory; `signextend(3, i)` needs no clean bits above the word's 32
    assembly ("memory-safe") {
        immediate := or(shl(5, sar(25, signextend(3, i))), and(shr(7, i), 0x1f))
    }
}

function immediateB(Instruction i) pure returns (uint256 immediate) {
    // memory-safe: touches no memory; `signextend(3, i)` needs no clean bits above the word's 32
    assembly ("memory-safe") {
        immediate := shl(12, sar(31, signextend(3, i)))
        immediate := or(immediate, and(shl(4, i), 0x800))
        immediate := or(immediate, and(shr(20, i), 0x7e0))
        immediate := or(immediate, and(shr(7, i), 0x1e))
    }
}

function immediateU(Instruction i) pure returns (uint256 immediate) {
    // memory-safe: touches no memory; `signextend(3, i)` needs no clean bits above the word's 32
    assembly ("memory-safe") {
        immediate := shl(12, sar(12, signextend(3, i)))
    }
}

function immediateJ(Instruction i) pure returns (uint256 immediate) {
    // memory-safe: touches no memory; `signextend(3, i)` needs no clean bits above the word's 32
    assembly ("memory-safe") {
        immediate := shl(20, sar(31, signextend(3, i)))
        immediate := or(immediate, and(i, 0xff000))
        immediate := or(immediate, and(shr(9, i), 0x800))
        immediate := or(immediate, and(shr(20, i), 0x7fe))
    }
}
