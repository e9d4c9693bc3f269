// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What posting and finalising read and write of a rollup, in one slot.
///
/// ```
///   0 …  39  due        40  messages that had arrived when the last batch was posted
///  40 …  79  target     40  messages the last batch had to know
///  80 … 111  posted     32  index of the last batch
/// 112 … 127  pending    16  batches posted and not final
/// 128 … 167  lastPost   40  [s since 1970]
/// 168 … 207  l1Number   40  of the last batch
/// 208 … 219  stampLag   12  lastPost − timestamp of the last batch [s]
/// 220 … 243  finalHour  24  of the last final commitment [h since 1970]
/// 244 … 245  skips       2  0 last final was NORMAL, 1 SKIP, 2 SKIPs with a message-only one, 3 escaped by them
/// 246        isShort     1  target fell short of the due it had
/// 247        isOver      1  Retired or Escaped: nothing becomes final any more
/// 248 … 251  ringLog2    4  log2 of the ring's size
/// ```
type Hot is uint256;

using HotFields for Hot global;

/// Fields of `Hot`. Whoever writes proves that a value fits: counters of messages, batches, seconds and blocks can't reach
/// 2^32 … 2^40 at a block's gas and a clock's pace.
library HotFields {
    function due(Hot self) internal pure returns (uint256) {
        return Hot.unwrap(self) & 0xffffffffff;
    }

    function target(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 40) & 0xffffffffff;
    }

    function posted(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 80) & 0xffffffff;
    }

    function pending(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 112) & 0xffff;
    }

    function lastPost(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 128) & 0xffffffffff;
    }

    function l1Number(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 168) & 0xffffffffff;
    }

    /// Returns the last batch's timestamp [s since 1970].
    function timestamp(Hot self) internal pure returns (uint256) {
        // the lag was measured from lastPost back, so it isn't longer
        unchecked {
            return lastPost(self) - ((Hot.unwrap(self) >> 208) & 0xfff);
        }
    }

    function finalHour(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 220) & 0xffffff;
    }

    function skips(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 244) & 3;
    }

    function isShort(Hot self) internal pure returns (bool) {
        return Hot.unwrap(self) & (1 << 246) != 0;
    }

    function isOver(Hot self) internal pure returns (bool) {
        return Hot.unwrap(self) & (1 << 247) != 0;
    }

    function ringLog2(Hot self) internal pure returns (uint256) {
        return (Hot.unwrap(self) >> 248) & 0xf;
    }

    /// Returns the index of the last final commitment.
    function finalIndex(Hot self) internal pure returns (uint256) {
        // pending counts a part of the posted
        unchecked {
            return posted(self) - pending(self);
        }
    }

    /// Returns the ring's slot of a batch.
    function ringSlot(Hot self, uint256 index) internal pure returns (uint256) {
        return index & ((1 << ringLog2(self)) - 1);
    }

    /// Returns the hot slot of a rollup created now.
    function created(uint256 log2) internal view returns (Hot) {
        return
            Hot.wrap(
                (block.timestamp << 128) |
                    ((block.number - 1) << 168) |
                    ((block.timestamp / 1 hours) << 220) |
                    (log2 << 248)
            );
    }

    /// Returns the slot after one more batch, posted now.
    /// @param count messages enqueued: the next batch's due
    /// @param lag now − timestamp, at most 3,600 [s]
    function afterPost(
        Hot self,
        uint256 count,
        uint256 newTarget,
        uint256 newL1Number,
        uint256 lag,
        bool short_
    ) internal view returns (Hot) {
        uint256 kept = Hot.unwrap(self) & ((0x3ffffff << 220) | (0x1f << 247)); // hour, skips; over, ring
        // no field carries: posted + 1 is the batch's index, which has 32 bits in `PostTerms`; pending is at most the ring's 2^12
        unchecked {
            return
                Hot.wrap(
                    kept |
                        count |
                        (newTarget << 40) |
                        ((posted(self) + 1) << 80) |
                        ((pending(self) + 1) << 112) |
                        (block.timestamp << 128) |
                        (newL1Number << 168) |
                        (lag << 208) |
                        (short_ ? 1 << 246 : 0)
                );
        }
    }

    /// Returns the slot after one more final commitment, in this hour.
    function afterFinal(Hot self, uint256 hour, uint256 newSkips) internal pure returns (Hot) {
        uint256 kept = Hot.unwrap(self) & ~((uint256(0xffffff) << 220) | (uint256(3) << 244));
        // a batch is pending, or nothing could become final
        unchecked {
            return Hot.wrap((kept - (1 << 112)) | (hour << 220) | (newSkips << 244));
        }
    }

    function over(Hot self) internal pure returns (Hot) {
        return Hot.wrap(Hot.unwrap(self) | (1 << 247));
    }
}
