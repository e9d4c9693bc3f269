// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IMachine} from "./IMachine.sol";

/// Opens a word of an EIP-4844 blob: the value of its polynomial at the root of unity that belongs to the word.
/// @dev https://eips.ethereum.org/EIPS/eip-4844#point-evaluation-precompile. Words stand in bit-reversed order of the powers of the root.
library BlobWord {
    address internal constant POINT_EVALUATION = address(10);
    /// y (32) ‖ commitment (48) ‖ proof (48). [bytes]
    uint256 internal constant OPENING_SIZE = 128;
    /// 2^12 words in a blob.
    uint256 internal constant WORDS = 4096;
    uint256 internal constant WORDS_LOG2 = 12;
    /// The order of BLS12-381's scalar field.
    uint256 internal constant MODULUS = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;
    /// A primitive 4096th root of unity: 7^((MODULUS − 1) / 4096).
    uint256 internal constant ROOT_OF_UNITY =
        0x564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306;

    /// Returns word `index` of the blob, which `opening` proves.
    /// @dev `opening` has OPENING_SIZE bytes, index < WORDS. The precompile itself checks that the commitment belongs to the versioned hash and that
    /// y is canonical. It must answer with its two constants: a call to a chain that doesn't have it succeeds with nothing.
    function verified(
        bytes32 versionedHash,
        uint256 index,
        bytes calldata opening
    ) internal view returns (bytes32 word) {
        word = bytes32(opening[:32]);
        (bool success, bytes memory answer) = POINT_EVALUATION.staticcall(
            bytes.concat(versionedHash, bytes32(pointOf(index)), opening)
        );
        require(
            success && keccak256(answer) == keccak256(abi.encode(WORDS, MODULUS)),
            IMachine.BlobOpeningWrong(versionedHash, index)
        );
    }

    /// Returns ROOT_OF_UNITY to the power of the bit-reversed index.
    function pointOf(uint256 index) internal pure returns (uint256 point) {
        point = 1;
        uint256 power = ROOT_OF_UNITY;
        for (uint256 i = 0; i < WORDS_LOG2; ++i) {
            // Bit i of the exponent is bit 11 − i of the index.
            if ((index >> (WORDS_LOG2 - 1 - i)) & 1 == 1) point = mulmod(point, power, MODULUS);
            power = mulmod(power, power, MODULUS);
        }
    }
}
