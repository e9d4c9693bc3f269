// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// A bucket for what leaves an account, kept as the moment at which it will be empty again.
/// @dev It empties at max(limit per day, balance per week), so that a tiny limit slows exits and never locks them. What doesn't fit now is
/// queued and payable at a fixed time, at most a week later, whatever others do in between. The bucket holds a day's worth.
/// Times inside are [2^-64 s since 1970], so that a second can't be wasted by tiny exits.
library Limiter {
    uint256 private constant DAY = 1 days << 64;
    uint256 private constant WEEK = 7 days << 64;

    /// Puts `amount` into the bucket.
    /// @param clear when the bucket is empty [2^-64 s since 1970]
    /// @param balance of the account, at least `amount` [units]
    /// @param perDay the limit [units/day]
    /// @return next when the bucket is empty now
    /// @return payableFrom when the amount may be paid [s since 1970]; up to now: at once
    function admit(
        uint256 clear,
        uint256 balance,
        uint256 perDay,
        uint256 amount
    ) internal view returns (uint104 next, uint64 payableFrom) {
        uint256 time = block.timestamp << 64;
        uint256 full = (clear > time ? clear : time) + _costUp(balance, perDay, amount);
        // However many stand in line, nobody waits longer than a week: costs are relative to a balance that may have changed since.
        if (full > time + WEEK + DAY) full = time + WEEK + DAY;
        // A moment of this millennium: below 2^40 seconds.
        next = uint104(full);
        payableFrom =
            full > time + DAY ? uint64((full - DAY + type(uint64).max) >> 64) : uint64(block.timestamp);
    }

    /// Takes out of the bucket what came in: the limit is on the net outflow.
    /// @param balance of the account, the new amount included [units]
    function relieve(
        uint256 clear,
        uint256 balance,
        uint256 perDay,
        uint256 amount
    ) internal view returns (uint104) {
        uint256 time = block.timestamp << 64;
        if (clear <= time) return uint104(clear);
        uint256 cost = _costDown(balance, perDay, amount);
        // clear was a uint104 and only falls.
        return uint104(clear - time > cost ? clear - cost : time);
    }

    /// @dev amount < 2^128, a week < 2^20 s: 212 bits. amount ≤ balance, so the result is at most a week; 0 of nothing costs nothing.
    function _costUp(uint256 balance, uint256 perDay, uint256 amount) private pure returns (uint256) {
        uint256 perWeek = _perWeek(balance, perDay);
        return amount == 0 ? 0 : (amount * WEEK + perWeek - 1) / perWeek;
    }

    function _costDown(uint256 balance, uint256 perDay, uint256 amount) private pure returns (uint256) {
        return amount == 0 ? 0 : (amount * WEEK) / _perWeek(balance, perDay);
    }

    function _perWeek(uint256 balance, uint256 perDay) private pure returns (uint256) {
        return perDay * 7 > balance ? perDay * 7 : balance;
    }
}
