// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Machine} from "../../contracts/machine/Machine.sol";
import {Specification} from "../machine/Specification.sol";
import {Proofs} from "./Proofs.sol";

/// Whole steps of the machine's own bytecode against the plain specification, for all contents of registers, all memory roots, all
/// neighbours of the instruction in its leaf and all siblings, with the register numbers and the pc given.
contract StepProofs is Proofs {
    Machine private constant MACHINE = Machine(address(0xac));
    Specification private specification;

    uint64 private constant PC = 0x1234c;

    function setUp() external {
        specification = new Specification();
        vm.etch(address(MACHINE), type(Machine).runtimeCode); // its constructor calls precompiles, which a proof can't
    }

    /// A witness's parts: the state but its pc, the leaf around the instruction, the siblings of the text.
    struct Given {
        bytes32[9] state;
        bytes32 leaf;
        bytes32[16] siblings;
    }

    // What a proof leaves open of an instruction: funct3, funct7 and, of an immediate, the bits that lie in no register's number. (That those are
    // put together right is proven in Decoder.t.sol.)
    uint32 private constant OPEN = 0xfe007000;
    // Of a branch, which has no rd, those too.
    uint32 private constant OPEN_IN_BRANCH = 0xfe007f80;

    function encoded(
        uint32 opcode,
        uint32 rd,
        uint32 rs1,
        uint32 rs2,
        uint32 free,
        uint32 open
    ) private pure returns (uint32) {
        return (free & open) | (((rs2 << 20) | (rs1 << 15) | (rd << 7)) & ~open) | opcode;
    }

    /// The witness, but for a memory proof, and the root of the text it is for.
    function witnessOf(
        uint32 instruction,
        Given calldata given
    ) private view returns (bytes memory witness, bytes32 codeRoot) {
        uint256 shift = (PC % 32) * 8;
        uint256 code =
            (uint256(given.leaf) & ~(uint256(0xffffffff) << shift)) | (uint256(instruction) << shift);
        uint256 second = (uint256(given.state[1]) & ((1 << 192) - 1)) | (uint256(PC) << 192);
        witness = abi.encodePacked(given.state[0], second);
        for (uint256 i = 2; i < 9; i++) witness = abi.encodePacked(witness, given.state[i]);
        bytes memory proof;
        for (uint256 i = 0; i < 16; i++) proof = abi.encodePacked(proof, given.siblings[i]);
        codeRoot = specification.walk(bytes32(code), PC / 32, proof);
        witness = abi.encodePacked(witness, code, proof);
    }

    function compare(bytes32 codeRoot, bytes memory witness) private view {
        (bytes32 before, bytes32 afterwards) = MACHINE.step(codeRoot, witness);
        (bytes32 expectedBefore, bytes32 expected) = specification.step(codeRoot, witness);
        assert(before == expectedBefore);
        assert(afterwards == expected);
    }

    function prove(uint32 instruction, Given calldata given) private view {
        (bytes memory witness, bytes32 codeRoot) = witnessOf(instruction, given);
        compare(codeRoot, witness);
    }

    function check_op(uint32 free, Given calldata given) external view {
        prove(encoded(0x33, 7, 5, 6, free, OPEN), given);
    }

    /// x10 … x13 are what a failing instruction clears.
    function check_opInPlace(uint32 free, Given calldata given) external view {
        prove(encoded(0x33, 10, 10, 10, free, OPEN), given);
    }

    function check_opImmediateIntoX0(uint32 free, Given calldata given) external view {
        prove(encoded(0x13, 0, 31, 9, free, OPEN), given);
    }

    function check_opImmediate(uint32 free, Given calldata given) external view {
        prove(encoded(0x13, 12, 13, 22, free, OPEN), given);
    }

    function check_opWord(uint32 free, Given calldata given) external view {
        prove(encoded(0x3b, 31, 0, 1, free, OPEN), given);
    }

    function check_opImmediateWord(uint32 free, Given calldata given) external view {
        prove(encoded(0x1b, 1, 30, 17, free, OPEN), given);
    }

    function check_branch(uint32 free, Given calldata given) external view {
        prove(encoded(0x63, 0, 10, 13, free, OPEN_IN_BRANCH), given);
    }

    function check_lui(uint32 free, Given calldata given) external view {
        prove(encoded(0x37, 11, 6, 7, free, OPEN), given);
    }

    function check_auipc(uint32 free, Given calldata given) external view {
        prove(encoded(0x17, 11, 21, 30, free, OPEN), given);
    }

    function check_jal(uint32 free, Given calldata given) external view {
        prove(encoded(0x6f, 1, 9, 18, free, OPEN), given);
    }

    function check_jalr(uint32 free, Given calldata given) external view {
        prove(encoded(0x67, 1, 1, 5, free, OPEN), given);
    }

    function check_fence(uint32 free, Given calldata given) external view {
        prove(encoded(0x0f, 10, 11, 12, free, OPEN), given);
    }

    /// SYSTEM but READ, which asks for a preimage.
    function check_system(uint32 free, Given calldata given) external view {
        vm.assume(uint64(uint256(given.state[5]) >> 128) != 1); // a7
        prove(encoded(0x73, 0, 0, 0, free, OPEN), given);
    }

    /// Whatever has none of the opcodes above, nor those of loads and stores.
    function check_illegal(uint32 free, Given calldata given) external view {
        uint32 opcode = free & 0x7f;
        vm.assume(opcode != 0x33 && opcode != 0x13 && opcode != 0x3b && opcode != 0x1b && opcode != 0x63);
        vm.assume(opcode != 0x37 && opcode != 0x17 && opcode != 0x6f && opcode != 0x67 && opcode != 0x0f);
        vm.assume(opcode != 0x73 && opcode != 0x03 && opcode != 0x23);
        prove(encoded(0, 5, 6, 7, free, 0xfe00707f), given);
    }

    /// A pc that is no instruction's: there is nothing to fetch. EXIT and ERROR stay as they are.
    function check_pcOutside(uint64 pc, bytes32[9] calldata state) external view {
        vm.assume(pc >= 2 ** 21 || pc % 4 != 0);
        bytes memory witness = abi.encodePacked(state[0], pc, uint192(uint256(state[1])));
        for (uint256 i = 2; i < 9; i++) witness = abi.encodePacked(witness, state[i]);
        compare(bytes32(0), witness);
    }
}
