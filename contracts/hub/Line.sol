// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// An operator's stake reserved for one rollup, in one slot; the hub keeps it by (rollup, hot key).
///
/// ```
///   0 …  95  deposit     96  D [wei]; 0: no line
///  96 … 127  nonce       32  rises when the line opens or is lost; a claim is backed while it carries this
/// 128 … 161  validUntil  34  last second in which it can claim; 2^34 − 1: no end; 0: it can't
/// 162 … 201  earned      40  seconds the lease owes the line [s]; no lease exists: 0
/// 202        isAlt        1  X is reserved in the vault; else a bond line
/// 203        isPoster     1  the rollup's single sequencer, with or without a line
/// 204 … 243  openMatches  40  against any claim that carries the nonce
/// ```
type Line is uint256;

using LineFields for Line global;

/// Fields of `Line`.
library LineFields {
    uint256 private constant POSTER = 1 << 203;
    uint256 private constant ONE_MATCH = 1 << 204;
    uint256 private constant MATCHES = 0xffffffffff << 204;

    function deposit(Line self) internal pure returns (uint256) {
        return Line.unwrap(self) & 0xffffffffffffffffffffffff;
    }

    function nonce(Line self) internal pure returns (uint256) {
        return (Line.unwrap(self) >> 96) & 0xffffffff;
    }

    function validUntil(Line self) internal pure returns (uint256) {
        return (Line.unwrap(self) >> 128) & 0x3ffffffff;
    }

    function isAlt(Line self) internal pure returns (bool) {
        return Line.unwrap(self) & (1 << 202) != 0;
    }

    function isPoster(Line self) internal pure returns (bool) {
        return Line.unwrap(self) & POSTER != 0;
    }

    /// Returns how many matches are open against claims of the line, or of what is left of it.
    function openMatches(Line self) internal pure returns (uint256) {
        return (Line.unwrap(self) & MATCHES) >> 204;
    }

    /// Returns true if the line can claim now (a bond line: only what is old enough).
    function isValid(Line self) internal view returns (bool) {
        return block.timestamp <= validUntil(self);
    }

    /// Returns the line opened: with the next nonce, so that no match of an older one reaches it.
    /// @param deposit_ below 2^96
    /// @param end below 2^34
    function opened(Line self, uint256 deposit_, uint256 end, bool alt) internal pure returns (Line) {
        return Line.wrap(Line.unwrap(lost(self)) | deposit_ | (end << 128) | (alt ? 1 << 202 : 0));
    }

    /// @param end below 2^34
    function withValidUntil(Line self, uint256 end) internal pure returns (Line) {
        return Line.wrap((Line.unwrap(self) & ~(uint256(0x3ffffffff) << 128)) | (end << 128));
    }

    function withMatch(Line self) internal pure returns (Line) {
        // stays in its 40 bits: 2^40 openings of 70,000 gas take longer than any window, also at 10^9 gas a second
        unchecked {
            return Line.wrap(Line.unwrap(self) + ONE_MATCH);
        }
    }

    /// @dev Only for a match that `withMatch` counted while the line had this nonce.
    function withoutMatch(Line self) internal pure returns (Line) {
        // counted before, so 1 or more
        unchecked {
            return Line.wrap(Line.unwrap(self) - ONE_MATCH);
        }
    }

    /// Returns what is left of a line that is withdrawn: nonce, earnings, the poster's bit, and its open matches, which end later.
    function withdrawn(Line self) internal pure returns (Line) {
        return
            Line.wrap(
                Line.unwrap(self) &
                    ((uint256(0xffffffff) << 96) | (uint256(0xffffffffff) << 162) | POSTER | MATCHES)
            );
    }

    /// Returns what is left of a line that lost a match: as withdrawn, with the next nonce, which no match carries.
    function lost(Line self) internal pure returns (Line) {
        uint256 next = (nonce(self) + 1) & 0xffffffff; // 2^32 openings and losses take as many deposits lost, or days: 10^7 years
        uint256 kept = Line.unwrap(withdrawn(self)) & ~((uint256(0xffffffff) << 96) | MATCHES);
        return Line.wrap(kept | (next << 96));
    }

    function withPoster(Line self, bool poster) internal pure returns (Line) {
        return Line.wrap(poster ? Line.unwrap(self) | POSTER : Line.unwrap(self) & ~POSTER);
    }
}
