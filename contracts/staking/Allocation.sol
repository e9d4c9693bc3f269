// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What of an operator's magnitude one service may slash, and how much stake it has reserved.
/// slot 0: magnitude96 reserved96 effectiveAt40 isLowering8 isJailed8 · slot 1: lowered96
struct Allocation {
    /// Slashable part of the pool's magnitude; once `effectiveAt` has passed, the smaller of it and `lowered`.
    uint96 magnitude;
    /// Sum of the service's lines [ALT wei].
    uint96 reserved;
    /// When a pending deallocation takes effect [s], inclusive.
    uint40 effectiveAt;
    bool isLowering;
    bool isJailed;
    /// What `magnitude` falls to. Absolute: slashes leave it as it is. Meaningful only while `isLowering`.
    uint96 lowered;
}

/// @title Reading and moving allocations; the pool keeps their sum.
library Allocations {
    /// Returns what the service may slash at `time`.
    function slashable(Allocation storage self, uint256 time) internal view returns (uint256) {
        uint256 magnitude = self.magnitude;
        if (!self.isLowering || time < self.effectiveAt) return magnitude;
        return _min(magnitude, self.lowered);
    }

    /// Returns what counts behind lines at `time`: never more than what stays after a pending deallocation.
    function backing(Allocation storage self) internal view returns (uint256) {
        uint256 magnitude = self.magnitude;
        return self.isLowering ? _min(magnitude, self.lowered) : magnitude;
    }

    /// Ends a deallocation that is due at `time`.
    /// @return freed What the pool's sum of allocations shrinks by.
    function settle(Allocation storage self, uint256 time) internal returns (uint256 freed) {
        if (!self.isLowering || time < self.effectiveAt) return 0;
        uint256 magnitude = self.magnitude;
        uint256 lowered = _min(magnitude, self.lowered);
        self.magnitude = uint96(lowered); // fits: at most what came from uint96
        self.isLowering = false;
        return magnitude - lowered;
    }

    /// Ends up to `amount` of the reservation.
    /// @return left What stays reserved [ALT wei].
    function unreserve(Allocation storage self, uint256 amount) internal returns (uint256 left) {
        uint256 reserved = self.reserved;
        left = amount < reserved ? reserved - amount : 0;
        self.reserved = uint96(left); // fits: at most what came from uint96
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
