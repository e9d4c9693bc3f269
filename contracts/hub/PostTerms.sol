// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "./RollupId.sol";

/// The first word of `post`: which batch of which rollup, and what its header says.
///
/// ```
/// rollup u64 ‖ index u32 ‖ target u40 ‖ l1Number u40 ‖ timestamp u40 ‖ flags u8 ‖ mode u8 ‖ zero u24
/// ```
type PostTerms is bytes32;

using PostTermsFields for PostTerms global;

/// Fields of `PostTerms`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library PostTermsFields {
    /// The program reads no data.
    uint256 internal constant MESSAGE_ONLY = 1;
    /// The program sweeps.
    uint256 internal constant SWEEP = 2;

    function rollup(PostTerms self) internal pure returns (RollupId) {
        return RollupId.wrap(uint64(uint256(PostTerms.unwrap(self)) >> 192));
    }

    function index(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 160) & 0xffffffff;
    }

    function target(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 120) & 0xffffffffff;
    }

    function l1Number(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 80) & 0xffffffffff;
    }

    /// Returns the batch's time [s since 1970].
    function timestamp(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 40) & 0xffffffffff;
    }

    function flags(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 32) & 0xff;
    }

    function isMessageOnly(PostTerms self) internal pure returns (bool) {
        return flags(self) & MESSAGE_ONLY != 0;
    }

    function isSweep(PostTerms self) internal pure returns (bool) {
        return flags(self) & SWEEP != 0;
    }

    function mode(PostTerms self) internal pure returns (uint256) {
        return (uint256(PostTerms.unwrap(self)) >> 24) & 0xff;
    }

    /// Returns true if nothing stands where nothing may, and no flag is unknown. (The mode is checked with the claim.)
    function isWellFormed(PostTerms self) internal pure returns (bool) {
        return uint256(PostTerms.unwrap(self)) & (0xffffff | ((0xff ^ (MESSAGE_ONLY | SWEEP)) << 32)) == 0;
    }
}
