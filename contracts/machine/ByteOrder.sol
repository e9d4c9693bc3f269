// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Reverses the bytes of each 64-bit lane: swaps neighbours of 8, then 16, then 32 bits.
function reversedInLanes(uint256 word) pure returns (uint256) {
    uint256 odd8 = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    word = ((word >> 8) & odd8) | ((word & odd8) << 8);
    uint256 odd16 = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    word = ((word >> 16) & odd16) | ((word & odd16) << 16);
    uint256 odd32 = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    return ((word >> 32) & odd32) | ((word & odd32) << 32);
}

/// Reverses all 32 bytes: the lanes within themselves, then among each other.
function reversed(uint256 word) pure returns (uint256) {
    word = reversedInLanes(word);
    uint256 odd64 = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    word = ((word >> 64) & odd64) | ((word & odd64) << 64);
    return (word >> 128) | (word << 128);
}
