// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {BlobWord} from "./BlobWord.sol";
import {IMachine} from "./IMachine.sol";
import {PrecompileCall} from "./PrecompileCall.sol";

/// What the system call READ gives for a key: one 32-byte word and the length of the whole.
library Preimages {
    /// A keccak256 preimage.
    uint256 internal constant KIND_KECCAK = 0;
    /// A word of an EIP-4844 blob.
    uint256 internal constant KIND_BLOB = 1;
    /// The output of a precompile.
    uint256 internal constant KIND_PRECOMPILE = 2;
    uint256 internal constant LAST_KIND = KIND_PRECOMPILE;

    /// The longest preimage that a step takes. [bytes]
    uint256 internal constant SIZE_LIMIT = 24_576;
    /// A blob has 4,096 words. [bytes]
    uint256 internal constant BLOB_SIZE = 131_072;

    /// Returns the word of (`kind`, `key`) at `offset`, zero-padded, and the length. Not `legal`: the read is an error of the program.
    /// @dev `offset` is a multiple of 32 and may lie far past the end. Reverts if `rest` isn't exactly what proves the answer.
    /// @param rest The witness from `start` on; `start` counts for the lengths in errors only.
    function read(
        uint256 kind,
        bytes32 key,
        uint256 offset,
        bytes calldata rest,
        uint256 start
    ) internal view returns (bytes32 word, uint256 length, bool legal) {
        if (kind == KIND_BLOB) {
            uint256 expected = offset < BLOB_SIZE ? BlobWord.OPENING_SIZE : 0;
            require(
                rest.length == expected,
                IMachine.WitnessLengthWrong(start + expected, start + rest.length)
            );
            if (offset < BLOB_SIZE) word = BlobWord.verified(key, offset / 32, rest);
            return (word, BLOB_SIZE, true);
        }

        require(rest.length <= SIZE_LIMIT, IMachine.PreimageTooLong(SIZE_LIMIT, rest.length));
        (uint256 copy, bytes32 hash) = copied(rest);
        require(hash == key, IMachine.PreimageWrong(key, hash));

        if (kind == KIND_PRECOMPILE) return PrecompileCall.run(copy, rest, offset);
        return (wordAt(rest, offset), rest.length, true);
    }

    /// Copies `data` to memory. Returns where, and its hash.
    /// @dev The copy is at the free memory pointer, which doesn't move: it lasts until the next allocation.
    function copied(bytes calldata data) private pure returns (uint256 copy, bytes32 hash) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            copy := mload(0x40)
            calldatacopy(copy, data.offset, data.length)
            hash := keccak256(copy, data.length)
        }
    }

    /// Returns the word of `data` at `offset`, zero-padded; zero past the end.
    function wordAt(bytes calldata data, uint256 offset) internal pure returns (bytes32 word) {
        if (offset >= data.length) return 0;
        uint256 present = data.length - offset;
        // memory-safe: touches no memory; 0 < present, and 32 − present only below 32
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
            // Calldata after the data isn't its own.
            if lt(present, 32) {
                let excess := shl(3, sub(32, present))
                word := shl(excess, shr(excess, word))
            }
        }
    }
}
