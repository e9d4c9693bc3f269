// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset, assetOf} from "./Asset.sol";

/// `version u8 = 1 ‖ flags u8 ‖ kind u8 ‖ zero u8 ‖ target rollup u64 (0: L1) ‖ token address(20)`
type ExitHead is uint256;

/// An exit as the rollup's program wrote it: eight words, 256 bytes, hashed as they stand in calldata.
struct ExitLeaf {
    ExitHead head;
    uint256 id; // of the NFT or multi-token, else 0
    uint256 amount; // [units of the asset], 1 for an NFT
    address l2Sender; // who exited
    address to; // who is paid: on L1, or on the target rollup
    address fallbackTo; // who may claim on L1 what the target rollup refuses
    bytes32 metadataHash; // of name, symbol and URI for what was born on the rollup, else 0
    bytes32 dataHash; // of the call data for the receiver, 0 for no call
}

using ExitLeafReading for ExitLeaf global;
using ExitHeadReading for ExitHead global;

/// Fields of `ExitHead`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library ExitHeadReading {
    function version(ExitHead head) internal pure returns (uint8) {
        return uint8(ExitHead.unwrap(head) >> 248);
    }

    /// Whether the exit is paid on the signature of its owner only: `to`, or `fallbackTo` where it goes to a rollup (flag bit 0).
    function isKeyOnly(ExitHead head) internal pure returns (bool) {
        return (ExitHead.unwrap(head) >> 240) & 1 == 1;
    }

    /// Whether it is of version 1, goes to L1 and is for anybody to push: the usual case, in one look.
    function isPlain(ExitHead head) internal pure returns (bool) {
        // The version's byte, flag bit 0 and the target's eight bytes.
        uint256 mask = (0xff << 248) | (1 << 240) | (uint256(type(uint64).max) << 160);
        return ExitHead.unwrap(head) & mask == 1 << 248;
    }

    function target(ExitHead head) internal pure returns (RollupId) {
        return RollupId.wrap(uint64(ExitHead.unwrap(head) >> 160));
    }

    function asset(ExitHead head) internal pure returns (Asset) {
        uint256 word = ExitHead.unwrap(head);
        return assetOf(uint8(word >> 232), address(uint160(word)));
    }
}

library ExitLeafReading {
    /// Returns `keccak256(0x00 ‖ leaf)`; the prefix differs from an inner node's, so neither can pass for the other.
    function hash(ExitLeaf calldata leaf) internal pure returns (bytes32 result) {
        // Scratch beyond the free memory pointer, never handed on: 1 + 256 bytes, the leaf's fields are all static.
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore8(at, 0)
            calldatacopy(add(at, 1), leaf, 256)
            result := keccak256(at, 257)
        }
    }
}
