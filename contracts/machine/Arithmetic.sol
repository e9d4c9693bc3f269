// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {MASK64} from "./State.sol";

/// The integer operations of RV64IM. Operands are unsigned 64-bit values in words; results may carry garbage above bit 63, which `setRegister` cuts
/// off. `legal` is false for an encoding that RV64IM doesn't have.
library Arithmetic {
    /// Selects the subtraction and the arithmetic shift.
    uint256 internal constant ALTERNATE = 0x20;

    /// OP and OP-IMM. For immediates `b` is the sign-extended immediate, for their shifts the amount.
    function integer(
        uint256 funct3,
        uint256 funct7,
        uint256 a,
        uint256 b
    ) internal pure returns (uint256 result, bool legal) {
        // Modulo 2^256 on purpose: the low 64 bits are those of the operation modulo 2^64.
        unchecked {
            if (funct7 == ALTERNATE) {
                if (funct3 == 0) return (a - b, true);
                if (funct3 == 5) return (uint256(signed(a) >> (b & 63)), true);
                return (0, false);
            }
            if (funct7 != 0) return (0, false);
            if (funct3 == 0) return (a + b, true);
            if (funct3 == 1) return (a << (b & 63), true);
            if (funct3 == 2) return (toWord(signed(a) < signed(b)), true);
            if (funct3 == 3) return (toWord(a < (b & MASK64)), true);
            if (funct3 == 4) return (a ^ b, true);
            if (funct3 == 5) return (a >> (b & 63), true);
            if (funct3 == 6) return (a | b, true);
            return (a & b, true);
        }
    }

    /// OP-32 and the shifts of OP-IMM-32: 32 bits in, sign-extended out.
    function integerWord(
        uint256 funct3,
        uint256 funct7,
        uint256 a,
        uint256 b
    ) internal pure returns (uint256 result, bool legal) {
        // As above, modulo 2^32.
        unchecked {
            if (funct7 == 0) {
                if (funct3 == 0) return (extended(a + b), true);
                if (funct3 == 1) return (extended(a << (b & 31)), true);
                if (funct3 == 5) return (extended(uint256(uint32(a)) >> (b & 31)), true);
            } else if (funct7 == ALTERNATE) {
                if (funct3 == 0) return (extended(a - b), true);
                if (funct3 == 5) return (uint256(signedWord(a) >> (b & 31)), true);
            }
            return (0, false);
        }
    }

    /// The M extension, 64 bits. All eight encodings exist.
    function multiplyOrDivide(uint256 funct3, uint256 a, uint256 b) internal pure returns (uint256) {
        // Products of 64-bit values fit 128 bits; int256 holds −2^63 / −1 = 2^63, whose low 64 bits are the dividend, as the ISA wants.
        unchecked {
            if (funct3 == 0) return a * b;
            if (funct3 == 1) return uint256((signed(a) * signed(b)) >> 64);
            if (funct3 == 2) return uint256((signed(a) * int256(b)) >> 64);
            if (funct3 == 3) return (a * b) >> 64;
            if (funct3 == 4) return b == 0 ? MASK64 : uint256(signed(a) / signed(b));
            if (funct3 == 5) return b == 0 ? MASK64 : a / b;
            if (funct3 == 6) return b == 0 ? a : uint256(signed(a) % signed(b));
            return b == 0 ? a : a % b;
        }
    }

    /// The M extension, 32 bits.
    function multiplyOrDivideWord(
        uint256 funct3,
        uint256 a,
        uint256 b
    ) internal pure returns (uint256 result, bool legal) {
        uint256 low = uint256(uint32(b));
        // As above; the quotient of −2^31 and −1 is extended back to −2^31.
        unchecked {
            if (funct3 == 0) return (extended(a * b), true);
            if (funct3 == 4)
                return (low == 0 ? MASK64 : extended(uint256(signedWord(a) / signedWord(b))), true);
            if (funct3 == 5) return (low == 0 ? MASK64 : extended(uint256(uint32(a)) / low), true);
            if (funct3 == 6) return (low == 0 ? extended(a) : uint256(signedWord(a) % signedWord(b)), true);
            if (funct3 == 7) return (low == 0 ? extended(a) : extended(uint256(uint32(a)) % low), true);
            return (0, false);
        }
    }

    /// Whether a branch is taken.
    function condition(uint256 funct3, uint256 a, uint256 b) internal pure returns (bool taken, bool legal) {
        if (funct3 == 0) return (a == b, true);
        if (funct3 == 1) return (a != b, true);
        if (funct3 == 4) return (signed(a) < signed(b), true);
        if (funct3 == 5) return (signed(a) >= signed(b), true);
        if (funct3 == 6) return (a < b, true);
        if (funct3 == 7) return (a >= b, true);
        return (false, false);
    }

    /// The low 64 bits, as a signed number.
    function signed(uint256 value) private pure returns (int256 result) {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            result := signextend(7, value)
        }
    }

    /// The low 32 bits, as a signed number.
    function signedWord(uint256 value) private pure returns (int256 result) {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            result := signextend(3, value)
        }
    }

    /// The low 32 bits, sign-extended.
    function extended(uint256 value) private pure returns (uint256) {
        return uint256(signedWord(value));
    }

    function toWord(bool flag) private pure returns (uint256 word) {
        // memory-safe: touches no memory; a bool is 0 or 1
        assembly ("memory-safe") {
            word := flag
        }
    }
}
