// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @title A value over time: checkpoints (time, value), two in a slot.
/// @dev Entry i lies in the low (i even) or high (i odd) half of word i / 2:
///
///     127        94 93                       0
///     | time u34 |          value u94         |
///
/// 34 bits of seconds last until the year 2514; 94 bits hold every amount of ALT (10^28 < 2^94) and the whole magnitude (10^27).
/// The number of entries is kept by the caller, who packs it with what he reads anyway. Times never fall.
library History {
    struct Log {
        mapping(uint256 pair => uint256 word) words;
    }

    uint256 private constant VALUE_BITS = 94;
    uint256 private constant VALUE_MASK = (1 << VALUE_BITS) - 1;
    uint256 private constant TIME_MASK = (1 << 34) - 1;
    uint256 private constant ENTRY_BITS = 128;
    uint256 private constant ENTRY_MASK = (1 << ENTRY_BITS) - 1;

    /// Raised when a time or a value doesn't fit its field of the history. Report a bug: ALT's whole supply and every time until the year
    /// 2514 fit.
    error HistoryEntryInvalid(uint256 time, uint256 value);

    /// Writes `value` at `time`, which is no earlier than the last entry's.
    /// @dev Several entries may bear one time; the last of them counts. Where the last one is at hand it is replaced.
    /// @return newCount The number of entries after.
    function push(
        Log storage self,
        uint256 count,
        uint256 time,
        uint256 value
    ) internal returns (uint256 newCount) {
        require(time <= TIME_MASK && value <= VALUE_MASK, HistoryEntryInvalid(time, value));
        uint256 entry = (time << VALUE_BITS) | value;
        if (count % 2 == 0) {
            self.words[count / 2] = entry;
            return count + 1;
        }
        uint256 word = self.words[count / 2]; // the low half is the last entry, the high half is empty
        if (word >> VALUE_BITS == time) {
            self.words[count / 2] = entry;
            return count;
        }
        self.words[count / 2] = word | (entry << ENTRY_BITS);
        return count + 1;
    }

    /// Returns the value at `time`: that of the last entry whose time is ≤ `time`, or `initial` if there is none.
    /// @dev Looks at the last entry first, then halves: at most 1 + log2(count) reads.
    function at(
        Log storage self,
        uint256 count,
        uint256 time,
        uint256 initial
    ) internal view returns (uint256) {
        if (count == 0) return initial;
        (uint256 entryTime, uint256 value) = _entry(self, count - 1);
        if (entryTime <= time) return value;
        // The answer is the entry before `high`, the first one known to be later than `time`.
        uint256 low = 0;
        uint256 high = count - 1;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            (entryTime, value) = _entry(self, middle);
            if (entryTime <= time) low = middle + 1;
            else high = middle;
        }
        if (high == 0) return initial;
        (, value) = _entry(self, high - 1);
        return value;
    }

    function _entry(Log storage self, uint256 index) private view returns (uint256 time, uint256 value) {
        uint256 entry = (self.words[index / 2] >> ((index % 2) * ENTRY_BITS)) & ENTRY_MASK;
        return (entry >> VALUE_BITS, entry & VALUE_MASK);
    }
}
