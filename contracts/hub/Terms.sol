// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What a rollup's record fixes for life and no hot path but that of outsiders reads, in one slot.
///
/// ```
///   0 …  79  deposit        80  D [wei]
///  80 … 111  forceDelay     32  [s]
/// 112 … 143  fallbackDelay  32  [s]
/// 144 … 175  maxDormant     32  [s]
/// 176 … 215  claimLife      40  W + T_match [ticks]
/// 216 … 247  program        32  number in the catalogue
/// ```
type Terms is uint256;

using TermsFields for Terms global;

/// Fields of `Terms`.
library TermsFields {
    function deposit(Terms self) internal pure returns (uint256) {
        return Terms.unwrap(self) & 0xffffffffffffffffffff;
    }

    function forceDelay(Terms self) internal pure returns (uint256) {
        return (Terms.unwrap(self) >> 80) & 0xffffffff;
    }

    function fallbackDelay(Terms self) internal pure returns (uint256) {
        return (Terms.unwrap(self) >> 112) & 0xffffffff;
    }

    function maxDormant(Terms self) internal pure returns (uint256) {
        return (Terms.unwrap(self) >> 144) & 0xffffffff;
    }

    function claimLife(Terms self) internal pure returns (uint256) {
        return (Terms.unwrap(self) >> 176) & 0xffffffffff;
    }

    function program(Terms self) internal pure returns (uint32) {
        return uint32(Terms.unwrap(self) >> 216);
    }

    function created(
        uint256 deposit_,
        uint256 forceDelay_,
        uint256 fallbackDelay_,
        uint256 maxDormant_,
        uint256 claimLife_,
        uint256 program_
    ) internal pure returns (Terms) {
        return
            Terms.wrap(
                deposit_ |
                    (forceDelay_ << 80) |
                    (fallbackDelay_ << 112) |
                    (maxDormant_ << 144) |
                    (claimLife_ << 176) |
                    (program_ << 216)
            );
    }
}
