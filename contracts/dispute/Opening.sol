// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ClaimTerms} from "../hub/ClaimTerms.sol";

/// What opens a match: the claim, the preimages that lead from it to the program, and the challenger's run. Thirty-one words, all of fixed size.
struct Opening {
    bytes32 terms; // of the claim: rollup u64 ‖ index u32 ‖ mode u8 ‖ place u8, then ringSlot u16 ‖ zero u128
    bytes32 parent;
    bytes32 commitment;
    bytes32 backing; // words 2 and 3 of the claim's entry
    bytes32 times;
    bytes32 headerHash;
    bytes32[9] finalState; // memoryRoot (32) ‖ pc (8) ‖ x1 … x31 (8 each); s7 is its hash
    bytes32[6] config;
    bytes32[7] states; // s0 … s6: after 1/8 … 7/8 of the 2^L steps
    bytes32 codeRoot; // preimage of the program's hash
    bytes32 memoryRoot;
    bytes32 entry;
}

using OpeningFields for Opening global;

/// Fields of `Opening`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library OpeningFields {
    uint256 private constant RING_SLOT = 0xffff << 128;

    /// Returns the claim's terms.
    function claim(Opening calldata self) internal pure returns (ClaimTerms) {
        return ClaimTerms.wrap(self.terms & bytes32(~RING_SLOT));
    }

    /// Returns where the claim's entry stands in the ring, if it came with its batch: index mod the ring's size.
    function ringSlot(Opening calldata self) internal pure returns (uint256) {
        return uint16(uint256(self.terms) >> 128);
    }
}
