// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Clock, Moment, present} from "./Clock.sol";

/// Where a match stands, beside its players and its states.
///
/// ```
/// clock of the asserter u32 ‖ clock of the challenger u32 ‖ extension E u32 ‖ time u40 ‖ block u40 ‖ log2len u8 ‖ turn u8 ‖ zero u56 ‖ segment u8
/// ```
///
/// time, block: of the last move. log2len: a segment between two neighbouring states is 2^log2len steps long; 0: it is one step, to be settled.
/// segment is no part of what is hashed: the mover says there which of the eight he means.
type Position is bytes32;

using PositionFields for Position global;

/// Fields of `Position`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library PositionFields {
    /// The asserter moves.
    uint256 internal constant ASSERTER = 0;
    /// The challenger moves.
    uint256 internal constant CHALLENGER = 1;
    /// Eight segments: log2len falls by three with each move.
    uint256 internal constant LOG2_SEGMENTS = 3;
    uint256 internal constant SEGMENTS = 8;
    uint256 private constant MOMENT = uint256(type(uint80).max) << 80;

    /// Returns the position of a match opened now.
    /// @param logSteps L, at least LOG2_SEGMENTS
    function opened(uint256 logSteps, Clock clock, Clock extension_) internal view returns (Position) {
        uint256 each = Clock.unwrap(clock);
        return
            Position.wrap(
                bytes32(
                    (each << 224) |
                        (each << 192) |
                        (uint256(Clock.unwrap(extension_)) << 160) |
                        (uint256(Moment.unwrap(present())) << 80) |
                        ((logSteps - LOG2_SEGMENTS) << 72) |
                        (ASSERTER << 64)
                )
            );
    }

    /// Returns the position after the side in turn moved now, with the segment it chose.
    /// @dev Only if its clock hasn't expired and log2len isn't 0; catalogue programs have L divisible by 3, so log2len is.
    /// @param ticks since the last move
    function moved(Position self, uint256 ticks) internal view returns (Position) {
        uint256 word = uint256(Position.unwrap(self));
        Clock clock = self.clockInTurn();
        uint256 change = uint256(Clock.unwrap(clock)) ^ Clock.unwrap(clock.charged(ticks, self.extension()));
        // XOR puts what is left where the clock was; log2len is at least 3, so the subtraction stays in its byte
        unchecked {
            word ^= change << (self.turn() == ASSERTER ? 224 : 192);
            word = (word & ~MOMENT) | (uint256(Moment.unwrap(present())) << 80);
            return Position.wrap(bytes32((word - (LOG2_SEGMENTS << 72)) ^ (1 << 64)));
        }
    }

    /// Returns what is hashed.
    function hashed(Position self) internal pure returns (bytes32) {
        return Position.unwrap(self) & ~bytes32(uint256(0xff));
    }

    function segment(Position self) internal pure returns (uint256) {
        return uint8(uint256(Position.unwrap(self)));
    }

    /// Returns ASSERTER or CHALLENGER in a position whose hash was checked.
    function turn(Position self) internal pure returns (uint256) {
        return uint8(uint256(Position.unwrap(self)) >> 64);
    }

    function log2len(Position self) internal pure returns (uint256) {
        return uint8(uint256(Position.unwrap(self)) >> 72);
    }

    function lastMove(Position self) internal pure returns (Moment) {
        return Moment.wrap(uint80(uint256(Position.unwrap(self)) >> 80));
    }

    function extension(Position self) internal pure returns (Clock) {
        return Clock.wrap(uint32(uint256(Position.unwrap(self)) >> 160));
    }

    function clockOf(Position self, uint256 side) internal pure returns (Clock) {
        return Clock.wrap(uint32(uint256(Position.unwrap(self)) >> (side == ASSERTER ? 224 : 192)));
    }

    function clockInTurn(Position self) internal pure returns (Clock) {
        return self.clockOf(self.turn());
    }
}
