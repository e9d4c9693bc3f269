// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Ticks} from "../hub/Ticks.sol";

/// The time that a side of a match has left [ticks].
type Clock is uint32;

using {isExpired, charged} for Clock global;

/// A moment of the settlement chain: time u40 ‖ block u40. Ticks need both.
type Moment is uint80;

using {ticksSince} for Moment global;

/// Returns true if `ticks` are more than the clock had. The deadline is inclusive: a move on its last tick is in time.
function isExpired(Clock self, uint256 ticks) pure returns (bool) {
    return ticks > Clock.unwrap(self);
}

/// Returns what is left after a move that took `ticks`, and at least `extension`: so a side that answers in time always has that much again.
/// @dev `ticks` aren't more than the clock had, so nothing wraps; the extension replaces what is left, it is never added to it.
function charged(Clock self, uint256 ticks, Clock extension) pure returns (Clock) {
    // not expired: ticks ≤ self, so nothing underflows, and left fits 32 bits as the clock did
    unchecked {
        uint256 left = Clock.unwrap(self) - ticks;
        return left > Clock.unwrap(extension) ? Clock.wrap(uint32(left)) : extension;
    }
}

/// Returns the current moment.
/// @dev Neither seconds nor block numbers reach 2^40 in 30,000 years.
function present() view returns (Moment) {
    return Moment.wrap((uint80(uint40(block.timestamp)) << 40) | uint40(block.number));
}

/// Returns the ticks from a moment of the past to now.
/// @param blockTime τ, the nominal block time [s]
function ticksSince(Moment self, uint256 blockTime) view returns (uint256) {
    uint256 moment = Moment.unwrap(self);
    return Ticks.since(moment >> 40, uint40(moment), blockTime);
}
