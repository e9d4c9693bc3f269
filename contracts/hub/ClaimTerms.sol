// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "./RollupId.sol";

/// The first word of `claim` and `finalize`: which batch of which rollup, and what kind of claim.
///
/// ```
/// rollup u64 ‖ index u32 ‖ mode u8 ‖ place u8 ‖ zero u144
/// ```
type ClaimTerms is bytes32;

using ClaimTermsFields for ClaimTerms global;

/// Fields of `ClaimTerms`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library ClaimTermsFields {
    /// The run returned the commitment.
    uint256 internal constant NORMAL = 0;
    /// The run returned nothing: the commitment is the parent's.
    uint256 internal constant SKIP = 1;
    /// The claim came with its batch and shares its ring slot.
    uint256 internal constant IN_RING = 0;
    /// The claim was made on its own.
    uint256 internal constant ON_ITS_OWN = 1;

    function rollup(ClaimTerms self) internal pure returns (RollupId) {
        return RollupId.wrap(uint64(uint256(ClaimTerms.unwrap(self)) >> 192));
    }

    function index(ClaimTerms self) internal pure returns (uint256) {
        return (uint256(ClaimTerms.unwrap(self)) >> 160) & 0xffffffff;
    }

    function mode(ClaimTerms self) internal pure returns (uint256) {
        return (uint256(ClaimTerms.unwrap(self)) >> 152) & 0xff;
    }

    function place(ClaimTerms self) internal pure returns (uint256) {
        return (uint256(ClaimTerms.unwrap(self)) >> 144) & 0xff;
    }

    /// Returns true if mode and place are known and nothing stands where nothing may.
    function isWellFormed(ClaimTerms self) internal pure returns (bool) {
        return
            uint256(ClaimTerms.unwrap(self)) << 112 == 0 && mode(self) <= SKIP && place(self) <= ON_ITS_OWN;
    }
}
