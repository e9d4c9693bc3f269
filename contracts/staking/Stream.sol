// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Rewards of one pool. Whatever arrives during an epoch is paid out evenly over the following one.
/// slot 0: current96 done96 epoch32 · slot 1: next96, all amounts in ALT wei.
struct Stream {
    /// What the stored epoch pays out in all [ALT wei].
    uint96 current;
    /// What of it was released already [ALT wei].
    uint96 done;
    /// The epoch that `current` belongs to.
    uint32 epoch;
    /// What has arrived for the epoch after [ALT wei].
    uint96 next;
}

/// @title The clock of rewards.
library Streams {
    /// Length of an epoch [s].
    uint256 internal constant EPOCH = 7 days;

    /// Brings the stream to `time` [s].
    /// @return released What became due since the last call [ALT wei].
    /// @return flowing Whether anything is left to release later.
    function roll(Stream storage self, uint256 time) internal returns (uint256 released, bool flowing) {
        uint256 epoch = time / EPOCH;
        uint256 current = self.current;
        uint256 done = self.done;
        uint256 next = self.next;
        uint256 stored = self.epoch;
        if (epoch > stored) {
            released = current - done;
            done = 0;
            current = next;
            if (epoch != stored + 1) {
                // A whole epoch went by unseen: what it had to pay is due at once.
                released += next;
                current = 0;
            }
            next = 0;
        }
        uint256 due = (current * (time % EPOCH)) / EPOCH; // Down
        released += due - done;
        flowing = current | next != 0;
        // All fit: `current` and `next` came from uint96, due ≤ current, and epochs of 7 days fit 32 bits for 82 million years.
        self.current = uint96(current);
        self.done = uint96(due);
        self.epoch = uint32(epoch);
        if (epoch > stored) self.next = 0;
    }
}
