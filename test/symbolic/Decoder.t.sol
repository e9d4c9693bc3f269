// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Instruction} from "../../contracts/machine/Instruction.sol";
import {Proofs} from "./Proofs.sol";

/// The fields of all 2^32 instruction words, against the tables of the manual: an immediate is a sum of bits with weights, the highest
/// of them negative.
contract DecoderProofs is Proofs {
    /// Returns bits `high` … `low` of the word.
    function field(uint32 word, uint256 high, uint256 low) private pure returns (int256) {
        return int256((uint256(word) >> low) & ((1 << (high - low + 1)) - 1));
    }

    function check_fields(uint32 word) external pure {
        Instruction i = Instruction.wrap(word);
        assert(i.opcode() == uint256(field(word, 6, 0)));
        assert(i.rd() == uint256(field(word, 11, 7)));
        assert(i.funct3() == uint256(field(word, 14, 12)));
        assert(i.rs1() == uint256(field(word, 19, 15)));
        assert(i.rs2() == uint256(field(word, 24, 20)));
        assert(i.funct7() == uint256(field(word, 31, 25)));
        assert(i.shiftAmount() == uint256(field(word, 25, 20)));
    }

    function check_immediateI(uint32 word) external pure {
        int256 expected = field(word, 30, 20) - field(word, 31, 31) * 2 ** 11;
        assert(int256(Instruction.wrap(word).immediateI()) == expected);
    }

    function check_immediateS(uint32 word) external pure {
        int256 expected = field(word, 11, 7) + field(word, 30, 25) * 2 ** 5 - field(word, 31, 31) * 2 ** 11;
        assert(int256(Instruction.wrap(word).immediateS()) == expected);
    }

    function check_immediateB(uint32 word) external pure {
        int256 expected =
            field(word, 11, 8) * 2 +
                field(word, 30, 25) * 2 ** 5 +
                field(word, 7, 7) * 2 ** 11 -
                field(word, 31, 31) * 2 ** 12;
        assert(int256(Instruction.wrap(word).immediateB()) == expected);
    }

    function check_immediateU(uint32 word) external pure {
        int256 expected = field(word, 30, 12) * 2 ** 12 - field(word, 31, 31) * 2 ** 31;
        assert(int256(Instruction.wrap(word).immediateU()) == expected);
    }

    function check_immediateJ(uint32 word) external pure {
        int256 expected =
            field(word, 30, 21) * 2 +
                field(word, 20, 20) * 2 ** 11 +
                field(word, 19, 12) * 2 ** 12 -
                field(word, 31, 31) * 2 ** 20;
        assert(int256(Instruction.wrap(word).immediateJ()) == expected);
    }
}
