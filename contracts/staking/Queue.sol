// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Day} from "./Day.sol";

/// @title What leaves a pool and when: maturity day → cumulative scaled tickets.
/// @dev A scaled ticket is q = amount · W / magnitude at the time of unbonding, so one multiplication by the magnitude of any later
/// time gives its value then. Days never fall along the queue. Length and last day are kept by the pool, in a slot it reads anyway.
library Queue {
    /// One slot: day16 cumulative240.
    struct Entry {
        Day day;
        /// Sum of all q with this maturity or an earlier one.
        uint240 cumulative;
    }

    struct Line {
        mapping(uint256 index => Entry entry) entries;
    }

    /// Raised when the sum of all tickets ever written to a day's queue overflows 240 bits. Report a bug: ALT's whole supply, unbonded once
    /// a second, doesn't get there in the chain's life.
    error QueueFull(uint256 cumulative);

    /// Adds `q` at `day`, which is `lastDay` or a later one.
    /// @return newLength The number of entries after.
    function push(
        Line storage self,
        uint256 length,
        Day lastDay,
        Day day,
        uint256 q
    ) internal returns (uint256 newLength) {
        uint256 cumulative = (length == 0 ? 0 : self.entries[length - 1].cumulative) + q;
        require(cumulative <= type(uint240).max, QueueFull(cumulative));
        newLength = length == 0 || day > lastDay ? length + 1 : length;
        self.entries[newLength - 1] = Entry({day: day, cumulative: uint240(cumulative)}); // fits: checked above
    }

    /// Returns the sum of all tickets that mature later than `today`.
    /// @dev Expects lastDay > today. Days are distinct, so entry (last − k) lies at least k days before `lastDay`: the search is over at most as many entries
    /// as days are left, and finds a queue with an entry for every day in three reads.
    function immature(
        Line storage self,
        uint256 length,
        Day lastDay,
        Day today
    ) internal view returns (uint256) {
        uint256 high = length - 1;
        uint256 span = Day.unwrap(lastDay) - Day.unwrap(today);
        uint256 total = self.entries[high].cumulative;
        // Entries below `low` have matured, entry `high` has not; the first guess is `low` itself.
        uint256 low = high < span ? 0 : high - span + 1;
        uint256 middle = low;
        while (low < high) {
            if (self.entries[middle].day > today) high = middle;
            else low = middle + 1;
            middle = (low + high) / 2;
        }
        return high == 0 ? total : total - self.entries[high - 1].cumulative;
    }
}
