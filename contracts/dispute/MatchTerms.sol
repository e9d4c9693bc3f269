// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ClaimTerms} from "../hub/ClaimTerms.sol";

/// What never changes in a match and its end needs: bound by its id.
///
/// ```
/// rollup u64 ‖ index u32 ‖ mode u8 ‖ place u8 ‖ nonce u32 ‖ bond u80 ‖ zero u32
/// ```
///
/// The head is the claim's terms; nonce is that of the asserter's line which backs the claim, bond is B [wei].
type MatchTerms is bytes32;

using MatchTermsFields for MatchTerms global;

/// Fields of `MatchTerms`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library MatchTermsFields {
    /// @param nonce_ below 2^32
    /// @param bond_ below 2^80, as every record's D, and so its B, is
    function packed(ClaimTerms claim_, uint256 nonce_, uint256 bond_) internal pure returns (MatchTerms) {
        return MatchTerms.wrap(ClaimTerms.unwrap(claim_) | bytes32((nonce_ << 112) | (bond_ << 32)));
    }

    /// Returns the claim's terms.
    function claim(MatchTerms self) internal pure returns (ClaimTerms) {
        return ClaimTerms.wrap((MatchTerms.unwrap(self) >> 144) << 144);
    }

    function nonce(MatchTerms self) internal pure returns (uint256) {
        return uint32(uint256(MatchTerms.unwrap(self)) >> 112);
    }

    /// Returns B [wei].
    function bond(MatchTerms self) internal pure returns (uint256) {
        return uint80(uint256(MatchTerms.unwrap(self)) >> 32);
    }
}
