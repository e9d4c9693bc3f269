// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Status} from "./Status.sol";

/// What messages read and write of a rollup, and posting reads, in one slot.
///
/// ```
///   0 …  39  count          40  messages enqueued
///  40 …  73  drainAt        34  Draining starts here [s since 1970]; 2^34 − 1: never
///  74 … 107  pausedUntil    34  deposits are refused before [s since 1970]
/// 108 … 141  claimsFrom     34  guardians delay new claims until here [s since 1970]; no guardian exists: 0
/// 142 … 165  unwind         24  transactions go on for so long in Draining [s]
/// 166 … 189  window         24  W [ticks]
/// 190 … 201  messageBound   12  messages a batch consumes at most
/// 202 … 213  policy         12  mask u8 ‖ threshold u4
/// 214 … 229  configVersion  16  rises when a config changes; configs don't change: 0
/// 230 … 232  status          3  as stored; a fixed end that has passed is not written
/// 233 … 234  sequencing      2  0 single, 1 open
/// ```
type Door is uint256;

using DoorFields for Door global;

/// Fields of `Door`.
library DoorFields {
    /// "Never", for drainAt and a line's end.
    uint256 internal constant NEVER = (1 << 34) - 1;

    function count(Door self) internal pure returns (uint256) {
        return Door.unwrap(self) & 0xffffffffff;
    }

    function drainAt(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 40) & NEVER;
    }

    function pausedUntil(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 74) & NEVER;
    }

    function claimsFrom(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 108) & NEVER;
    }

    function unwind(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 142) & 0xffffff;
    }

    function window(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 166) & 0xffffff;
    }

    function messageBound(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 190) & 0xfff;
    }

    /// Returns the policy as the config and the entries write it: mask << 8 | threshold.
    function policy(Door self) internal pure returns (uint256) {
        return ((Door.unwrap(self) >> 198) & 0xff00) | ((Door.unwrap(self) >> 202) & 0xf);
    }

    function sequencing(Door self) internal pure returns (uint256) {
        return (Door.unwrap(self) >> 233) & 3;
    }

    function storedStatus(Door self) internal pure returns (Status) {
        return Status((Door.unwrap(self) >> 230) & 7); // only members of the enum are ever stored
    }

    /// Returns where the rollup stands now: a fixed end comes by itself.
    function status(Door self) internal view returns (Status) {
        Status stored = storedStatus(self);
        return stored == Status.Active && block.timestamp >= drainAt(self) ? Status.Draining : stored;
    }

    /// Returns when the message door closes: `unwind` after Draining began [s since 1970].
    function closesAt(Door self) internal pure returns (uint256) {
        return drainAt(self) + unwind(self);
    }

    /// Returns true while the rollup lives: it exists and is neither Retired nor Escaped.
    function isAlive(Door self) internal pure returns (bool) {
        Status stored = storedStatus(self);
        return stored == Status.Active || stored == Status.Draining;
    }

    /// Returns true while forced transactions and calls are taken.
    function takesMessages(Door self) internal view returns (bool) {
        return isAlive(self) && block.timestamp < closesAt(self);
    }

    /// Returns true while deposits are taken.
    function takesDeposits(Door self) internal view returns (bool) {
        return status(self) == Status.Active && block.timestamp >= pausedUntil(self);
    }

    function created(
        uint256 endTime,
        uint256 unwind_,
        uint256 window_,
        uint256 bound_,
        uint256 policy_,
        uint256 sequencing_
    ) internal pure returns (Door) {
        uint256 policy12 = ((policy_ >> 8) << 4) | (policy_ & 0xf);
        return
            Door.wrap(
                ((endTime == 0 ? NEVER : endTime) << 40) |
                    (unwind_ << 142) |
                    (window_ << 166) |
                    (bound_ << 190) |
                    (policy12 << 202) |
                    (uint256(Status.Active) << 230) |
                    (sequencing_ << 233)
            );
    }

    /// Returns the door with one message more.
    function afterMessage(Door self) internal pure returns (Door) {
        // count stays in its 40 bits: 2^40 messages cost more gas than a chain has
        unchecked {
            return Door.wrap(Door.unwrap(self) + 1);
        }
    }

    function withStatus(Door self, Status status_) internal pure returns (Door) {
        return Door.wrap((Door.unwrap(self) & ~(uint256(7) << 230)) | (uint256(status_) << 230));
    }

    /// @param time below 2^34
    function withDrainAt(Door self, uint256 time) internal pure returns (Door) {
        return Door.wrap((Door.unwrap(self) & ~(NEVER << 40)) | (time << 40));
    }

    /// @param time below 2^34
    function withPausedUntil(Door self, uint256 time) internal pure returns (Door) {
        return Door.wrap((Door.unwrap(self) & ~(NEVER << 74)) | (time << 74));
    }
}
