// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Arithmetic} from "../../contracts/machine/Arithmetic.sol";
import {Proofs} from "./Proofs.sol";

/// Each operation of RV64IM for all operands, against the manual in typed arithmetic of 32, 64 and 128 bits. Operands are registers, that
/// is 64-bit values in words; a result counts by its low 64 bits.
contract ArithmeticProofs is Proofs {
    uint256 private constant ALTERNATE = 0x20;

    /// The result of a legal operation.
    function integer(uint256 funct3, uint256 funct7, uint64 a, uint256 b) private pure returns (uint64) {
        (uint256 result, bool legal) = Arithmetic.integer(funct3, funct7, a, b);
        assert(legal);
        return uint64(result);
    }

    function word(uint256 funct3, uint256 funct7, uint64 a, uint256 b) private pure returns (uint64) {
        (uint256 result, bool legal) = Arithmetic.integerWord(funct3, funct7, a, b);
        assert(legal);
        return uint64(result);
    }

    function productWord(uint256 funct3, uint64 a, uint64 b) private pure returns (uint64) {
        (uint256 result, bool legal) = Arithmetic.multiplyOrDivideWord(funct3, a, b);
        assert(legal);
        return uint64(result);
    }

    /// The low 32 bits as a signed number, in 64 bits.
    function extended(uint32 low) private pure returns (uint64) {
        return uint64(int64(int32(low)));
    }

    // ------------------------------------------------------------------------------- OP, OP-IMM (b: any word, as immediates are)

    function check_add(uint64 a, uint256 b) external pure {
        unchecked {
            assert(integer(0, 0, a, b) == a + uint64(b));
        }
    }

    function check_sub(uint64 a, uint64 b) external pure {
        unchecked {
            assert(integer(0, ALTERNATE, a, b) == a - b);
        }
    }

    function check_sll(uint64 a, uint64 b) external pure {
        assert(integer(1, 0, a, b) == a << (b & 63));
    }

    function check_slt(uint64 a, uint256 b) external pure {
        assert(integer(2, 0, a, b) == (int64(a) < int64(uint64(b)) ? 1 : 0));
    }

    function check_sltu(uint64 a, uint256 b) external pure {
        assert(integer(3, 0, a, b) == (a < uint64(b) ? 1 : 0));
    }

    function check_xor_or_and(uint64 a, uint256 b) external pure {
        assert(integer(4, 0, a, b) == a ^ uint64(b));
        assert(integer(6, 0, a, b) == a | uint64(b));
        assert(integer(7, 0, a, b) == a & uint64(b));
    }

    function check_srl(uint64 a, uint64 b) external pure {
        assert(integer(5, 0, a, b) == a >> (b & 63));
    }

    function check_sra(uint64 a, uint64 b) external pure {
        assert(integer(5, ALTERNATE, a, b) == uint64(int64(a) >> (b & 63)));
    }

    /// There are no others.
    function check_integerIllegal(uint256 funct3, uint256 funct7, uint64 a, uint256 b) external pure {
        vm.assume(funct3 < 8 && funct7 < 128);
        vm.assume(funct7 != 0 && !(funct7 == ALTERNATE && (funct3 == 0 || funct3 == 5)));
        (, bool legal) = Arithmetic.integer(funct3, funct7, a, b);
        assert(!legal);
    }

    // ------------------------------------------------------------------------------------------------- OP-32, OP-IMM-32

    function check_addw(uint64 a, uint256 b) external pure {
        unchecked {
            assert(word(0, 0, a, b) == extended(uint32(a) + uint32(b)));
        }
    }

    function check_subw(uint64 a, uint64 b) external pure {
        unchecked {
            assert(word(0, ALTERNATE, a, b) == extended(uint32(a) - uint32(b)));
        }
    }

    function check_sllw(uint64 a, uint64 b) external pure {
        assert(word(1, 0, a, b) == extended(uint32(a) << (b & 31)));
    }

    function check_srlw(uint64 a, uint64 b) external pure {
        assert(word(5, 0, a, b) == extended(uint32(a) >> (b & 31)));
    }

    function check_sraw(uint64 a, uint64 b) external pure {
        assert(word(5, ALTERNATE, a, b) == extended(uint32(int32(uint32(a)) >> (b & 31))));
    }

    function check_wordIllegal(uint256 funct3, uint256 funct7, uint64 a, uint256 b) external pure {
        vm.assume(funct3 < 8 && funct7 < 128);
        bool isPlain = funct7 == 0 && (funct3 == 0 || funct3 == 1 || funct3 == 5);
        bool isAlternate = funct7 == ALTERNATE && (funct3 == 0 || funct3 == 5);
        vm.assume(!isPlain && !isAlternate);
        (, bool legal) = Arithmetic.integerWord(funct3, funct7, a, b);
        assert(!legal);
    }

    // ---------------------------------------------------------------------------------------------------------------- M

    function check_mul(uint64 a, uint64 b) external pure {
        unchecked {
            assert(uint64(Arithmetic.multiplyOrDivide(0, a, b)) == a * b);
        }
    }

    function check_mulh(uint64 a, uint64 b) external pure {
        int128 product = int128(int64(a)) * int128(int64(b));
        assert(uint64(Arithmetic.multiplyOrDivide(1, a, b)) == uint64(uint128(product >> 64)));
    }

    function check_mulhsu(uint64 a, uint64 b) external pure {
        int128 product = int128(int64(a)) * int128(uint128(b));
        assert(uint64(Arithmetic.multiplyOrDivide(2, a, b)) == uint64(uint128(product >> 64)));
    }

    function check_mulhu(uint64 a, uint64 b) external pure {
        assert(uint64(Arithmetic.multiplyOrDivide(3, a, b)) == uint64((uint128(a) * uint128(b)) >> 64));
    }

    function check_div(uint64 a, uint64 b) external pure {
        uint64 result = uint64(Arithmetic.multiplyOrDivide(4, a, b));
        if (b == 0) assert(result == type(uint64).max);
        else if (a == 1 << 63 && b == type(uint64).max) assert(result == 1 << 63);
        else assert(result == uint64(int64(a) / int64(b)));
    }

    function check_divu(uint64 a, uint64 b) external pure {
        assert(uint64(Arithmetic.multiplyOrDivide(5, a, b)) == (b == 0 ? type(uint64).max : a / b));
    }

    function check_rem(uint64 a, uint64 b) external pure {
        uint64 result = uint64(Arithmetic.multiplyOrDivide(6, a, b));
        if (b == 0) assert(result == a);
        else if (a == 1 << 63 && b == type(uint64).max) assert(result == 0);
        else assert(result == uint64(int64(a) % int64(b)));
    }

    function check_remu(uint64 a, uint64 b) external pure {
        assert(uint64(Arithmetic.multiplyOrDivide(7, a, b)) == (b == 0 ? a : a % b));
    }

    function check_mulw(uint64 a, uint64 b) external pure {
        unchecked {
            assert(productWord(0, a, b) == extended(uint32(a) * uint32(b)));
        }
    }

    function check_divw(uint64 a, uint64 b) external pure {
        (int32 low, int32 by) = (int32(uint32(a)), int32(uint32(b)));
        uint64 result = productWord(4, a, b);
        if (by == 0) assert(result == type(uint64).max);
        else if (low == type(int32).min && by == -1) assert(result == extended(1 << 31));
        else assert(result == uint64(int64(low / by)));
    }

    function check_divuw(uint64 a, uint64 b) external pure {
        (uint32 low, uint32 by) = (uint32(a), uint32(b));
        assert(productWord(5, a, b) == (by == 0 ? type(uint64).max : extended(low / by)));
    }

    function check_remw(uint64 a, uint64 b) external pure {
        (int32 low, int32 by) = (int32(uint32(a)), int32(uint32(b)));
        uint64 result = productWord(6, a, b);
        if (by == 0) assert(result == extended(uint32(a)));
        else assert(result == uint64(int64(low) % int64(by))); // nearer to 0 than `by`: it needs no second extension
    }

    function check_remuw(uint64 a, uint64 b) external pure {
        (uint32 low, uint32 by) = (uint32(a), uint32(b));
        assert(productWord(7, a, b) == extended(by == 0 ? low : low % by));
    }

    function check_productWordIllegal(uint256 funct3, uint64 a, uint64 b) external pure {
        vm.assume(funct3 > 0 && funct3 < 4);
        (, bool legal) = Arithmetic.multiplyOrDivideWord(funct3, a, b);
        assert(!legal);
    }

    // ---------------------------------------------------------------------------------------------------------- branches

    function check_conditions(uint256 funct3, uint64 a, uint64 b) external pure {
        vm.assume(funct3 < 8);
        (bool taken, bool legal) = Arithmetic.condition(funct3, a, b);
        assert(legal == (funct3 != 2 && funct3 != 3));
        if (funct3 == 0) assert(taken == (a == b));
        if (funct3 == 1) assert(taken == (a != b));
        if (funct3 == 4) assert(taken == (int64(a) < int64(b)));
        if (funct3 == 5) assert(taken == (int64(a) >= int64(b)));
        if (funct3 == 6) assert(taken == (a < b));
        if (funct3 == 7) assert(taken == (a >= b));
    }
}
