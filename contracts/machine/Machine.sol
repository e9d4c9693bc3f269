// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Arithmetic} from "./Arithmetic.sol";
import {reversed} from "./ByteOrder.sol";
import {IMachine} from "./IMachine.sol";
import {Instruction} from "./Instruction.sol";
import {MemoryProof} from "./MemoryProof.sol";
import {PrecompileCall} from "./PrecompileCall.sol";
import {Preimages} from "./Preimages.sol";
import {ERROR, EXIT, MASK64, STATE_SIZE, State, open} from "./State.sol";

/// The last word in a dispute: one RV64IM instruction, executed on chain.
///
/// @dev Trusts nobody, holds nothing, calls precompiles only. Invariants: the same (codeRoot, before) never has two next states; every state has a
/// witness, but one that reads what nobody can show (docs/encodings/machine.md). Source: The RISC-V Instruction Set Manual, Volume I, RV64I 2.1, M 2.0.
contract Machine is IMachine {
    /// The text is [0, TEXT_END). [bytes]
    uint256 private constant TEXT_END = 1 << 21;
    /// The memory is [0, MEMORY_END). [bytes]
    uint256 private constant MEMORY_END = 1 << 32;

    /// State, code leaf, 16 siblings: 288 + 17·32. [bytes]
    uint256 private constant CODE_WITNESS = 832;
    /// The same, memory leaf, 27 siblings: 832 + 28·32. [bytes]
    uint256 private constant MEMORY_WITNESS = 1728;

    uint256 private constant SYSTEM_READ = 1;
    uint256 private constant SYSTEM_EXIT = 93;
    uint256 private constant ECALL = 0x73;

    uint256 private constant A0 = 10;
    uint256 private constant A5 = 15;
    uint256 private constant A6 = 16;
    uint256 private constant A7 = 17;

    constructor() {
        PrecompileCall.requireStandard();
    }

    /// @inheritdoc IMachine
    function step(
        bytes32 codeRoot,
        bytes calldata witness
    ) external view returns (bytes32 before, bytes32 afterwards) {
        require(witness.length >= STATE_SIZE, WitnessLengthWrong(STATE_SIZE, witness.length));
        State state;
        uint256 pc;
        (state, pc, before) = open(witness);

        if (pc == EXIT || pc == ERROR) {
            requireLength(witness, STATE_SIZE);
            return (before, before);
        }
        // A pc that is no instruction address: there is nothing to fetch.
        if (pc >= TEXT_END || pc & 3 != 0) {
            requireLength(witness, STATE_SIZE);
            return (before, state.seal(state.fail()));
        }
        afterwards = state.seal(execute(state, pc, fetch(codeRoot, pc, witness), witness));
    }

    /// Returns the instruction at `pc`, proved against the pinned text and nothing else.
    function fetch(
        bytes32 codeRoot,
        uint256 pc,
        bytes calldata witness
    ) private pure returns (Instruction instruction) {
        require(witness.length >= CODE_WITNESS, WitnessLengthWrong(CODE_WITNESS, witness.length));
        uint256 leaf;
        uint256 shift = (pc & 31) << 3;
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            leaf := add(witness.offset, STATE_SIZE)
        }
        bytes32 root = MemoryProof.rootOf(leaf, pc >> 5, MemoryProof.TEXT_DEPTH);
        require(root == codeRoot, CodeProofWrong(codeRoot, root));
        // memory-safe: touches no memory; the instruction is aligned, so its four bytes lie in the leaf
        assembly ("memory-safe") {
            // The byte at address a of a leaf is its a-th from the right.
            instruction := and(shr(shift, calldataload(leaf)), 0xffffffff)
        }
    }

    /// Executes the instruction on `state`. Returns the next pc.
    function execute(
        State state,
        uint256 pc,
        Instruction instruction,
        bytes calldata witness
    ) private view returns (uint256 next) {
        uint256 opcode = instruction.opcode();
        if (opcode == 0x03) return load(state, pc, instruction, witness);
        if (opcode == 0x23) return store(state, pc, instruction, witness);
        if (opcode == 0x73) return system(state, pc, instruction, witness);
        requireLength(witness, CODE_WITNESS);

        uint256 a = state.register(instruction.rs1());
        uint256 b = state.register(instruction.rs2());
        uint256 funct3 = instruction.funct3();
        uint256 funct7 = instruction.funct7();
        uint256 result;
        bool legal = true;
        // Sums modulo 2^256: every use of them cuts to 64 bits.
        unchecked {
            next = pc + 4;
            if (opcode == 0x13) {
                // OP-IMM: a shift has an amount of six bits and a selector of six above it.
                (result, legal) = funct3 & 3 == 1
                    ? Arithmetic.integer(funct3, funct7 & 0x7e, a, instruction.shiftAmount())
                    : Arithmetic.integer(funct3, 0, a, instruction.immediateI());
            } else if (opcode == 0x33) {
                // OP
                if (funct7 == 1) result = Arithmetic.multiplyOrDivide(funct3, a, b);
                else (result, legal) = Arithmetic.integer(funct3, funct7, a, b);
            } else if (opcode == 0x63) {
                // BRANCH: writes no register; a target is checked when it is taken.
                bool taken;
                (taken, legal) = Arithmetic.condition(funct3, a, b);
                if (taken) next = (pc + instruction.immediateB()) & MASK64;
                return legal && next & 3 == 0 ? next : state.fail();
            } else if (opcode == 0x1b) {
                // OP-IMM-32
                if (funct3 == 0) (result, legal) = Arithmetic.integerWord(0, 0, a, instruction.immediateI());
                else if (funct3 & 3 == 1)
                    (result, legal) = Arithmetic.integerWord(funct3, funct7, a, instruction.rs2());
                else legal = false;
            } else if (opcode == 0x3b) {
                // OP-32
                (result, legal) = funct7 == 1
                    ? Arithmetic.multiplyOrDivideWord(funct3, a, b)
                    : Arithmetic.integerWord(funct3, funct7, a, b);
            } else if (opcode == 0x37) {
                // LUI
                result = instruction.immediateU();
            } else if (opcode == 0x17) {
                // AUIPC
                result = pc + instruction.immediateU();
            } else if (opcode == 0x6f) {
                // JAL
                result = next;
                next = (pc + instruction.immediateJ()) & MASK64;
            } else if (opcode == 0x67) {
                // JALR: clears bit 0 of its target.
                result = next;
                next = (a + instruction.immediateI()) & (MASK64 - 1);
                legal = funct3 == 0;
            } else if (opcode == 0x0f) {
                // MISC-MEM: the fences, which have nothing to order.
                return funct3 < 2 ? next : state.fail();
            } else {
                legal = false;
            }
        }
        if (!legal || next & 3 != 0) return state.fail();
        state.setRegister(instruction.rd(), result);
    }

    /// LOAD. Sign extension for funct3 0 … 3, none for 4 … 6.
    function load(
        State state,
        uint256 pc,
        Instruction instruction,
        bytes calldata witness
    ) private pure returns (uint256 next) {
        uint256 funct3 = instruction.funct3();
        uint256 size = 1 << (funct3 & 3);
        uint256 address_;
        // a sum modulo 2^256, cut to the 64 bits that it is right in
        unchecked {
            address_ = (state.register(instruction.rs1()) + instruction.immediateI()) & MASK64;
        }
        if (funct3 == 7 || address_ >= MEMORY_END || address_ & (size - 1) != 0) {
            requireLength(witness, CODE_WITNESS);
            return state.fail();
        }

        requireLength(witness, MEMORY_WITNESS);
        uint256 proof = memoryProof(witness);
        bytes32 root = MemoryProof.rootOf(proof, address_ >> 5, MemoryProof.DEPTH);
        require(root == state.memoryRoot(), MemoryProofWrong(state.memoryRoot(), root));

        uint256 value;
        // memory-safe: touches no memory; size is 1, 2, 4 or 8 and the address aligned to it, so the value lies in the leaf
        assembly ("memory-safe") {
            value := shr(shl(3, and(address_, 31)), calldataload(proof))
            switch lt(funct3, 4)
            case 1 {
                value := signextend(sub(size, 1), value)
            }
            default {
                value := and(value, sub(shl(shl(3, size), 1), 1))
            }
        }
        state.setRegister(instruction.rd(), value);
        return pc + 4;
    }

    /// STORE. The text never changes.
    function store(
        State state,
        uint256 pc,
        Instruction instruction,
        bytes calldata witness
    ) private pure returns (uint256 next) {
        uint256 funct3 = instruction.funct3();
        uint256 size = 1 << funct3;
        uint256 address_;
        // a sum modulo 2^256, cut to the 64 bits that it is right in
        unchecked {
            address_ = (state.register(instruction.rs1()) + instruction.immediateS()) & MASK64;
        }
        if (funct3 > 3 || address_ >= MEMORY_END || address_ & (size - 1) != 0 || address_ < TEXT_END) {
            requireLength(witness, CODE_WITNESS);
            return state.fail();
        }

        requireLength(witness, MEMORY_WITNESS);
        uint256 proof = memoryProof(witness);
        uint256 value = state.register(instruction.rs2());
        uint256 leaf;
        // memory-safe: touches no memory; size is 1, 2, 4 or 8 and the address aligned to it, so the mask lies in the leaf
        assembly ("memory-safe") {
            let shift := shl(3, and(address_, 31))
            let mask := sub(shl(shl(3, size), 1), 1)
            leaf := or(and(calldataload(proof), not(shl(shift, mask))), shl(shift, and(value, mask)))
        }
        (bytes32 root, bytes32 replaced) = MemoryProof.rootsOf(proof, address_ >> 5, leaf);
        require(root == state.memoryRoot(), MemoryProofWrong(state.memoryRoot(), root));
        state.setMemoryRoot(replaced);
        return pc + 4;
    }

    /// SYSTEM. The one legal instruction is `ecall`, the two legal calls are exit and READ.
    function system(
        State state,
        uint256 pc,
        Instruction instruction,
        bytes calldata witness
    ) private view returns (uint256 next) {
        uint256 call = state.register(A7);
        if (Instruction.unwrap(instruction) == ECALL && call == SYSTEM_READ) return read(state, pc, witness);
        requireLength(witness, CODE_WITNESS);
        return Instruction.unwrap(instruction) == ECALL && call == SYSTEM_EXIT ? EXIT : state.fail();
    }

    /// READ: writes the word at a5 of the preimage (a0, a1…a4) to [a6], its length to a0.
    function read(State state, uint256 pc, bytes calldata witness) private view returns (uint256 next) {
        uint256 kind = state.register(A0);
        uint256 offset = state.register(A5);
        uint256 address_ = state.register(A6);
        if (
            kind > Preimages.LAST_KIND ||
            (offset | address_) & 31 != 0 ||
            address_ < TEXT_END ||
            address_ >= MEMORY_END
        ) {
            requireLength(witness, CODE_WITNESS);
            return state.fail();
        }

        require(witness.length >= MEMORY_WITNESS, WitnessLengthWrong(MEMORY_WITNESS, witness.length));
        (bytes32 word, uint256 length, bool legal) = Preimages.read(
            kind,
            state.key(),
            offset,
            witness[MEMORY_WITNESS:],
            MEMORY_WITNESS
        );
        (bytes32 root, bytes32 replaced) = MemoryProof.rootsOf(
            memoryProof(witness),
            address_ >> 5,
            reversed(uint256(word))
        );
        require(root == state.memoryRoot(), MemoryProofWrong(state.memoryRoot(), root));
        if (!legal) return state.fail();

        state.setMemoryRoot(replaced);
        state.setRegister(A0, length);
        return pc + 4;
    }

    /// Where the memory leaf lies in calldata; its siblings follow.
    function memoryProof(bytes calldata witness) private pure returns (uint256 proof) {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            proof := add(witness.offset, CODE_WITNESS)
        }
    }

    function requireLength(bytes calldata witness, uint256 expected) private pure {
        require(witness.length == expected, WitnessLengthWrong(expected, witness.length));
    }
}
