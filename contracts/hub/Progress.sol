// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// How far a rollup has come.
struct Progress {
    uint64 posted; // index of the last batch
    uint64 finalIndex; // index of the last final commitment
    bytes32 finalCommitment;
    uint64 count; // messages enqueued
    bytes32 head; // the message chain's head after `count` messages
    uint64 due; // messages that had arrived when the last batch was posted: the next batch's target, or the next mark
    bytes32 dueHead;
    uint64 target; // target of the last batch
    bool isShort; // that target fell short of its due
    uint64 lastPost; // [s since 1970]
    uint64 l1Number; // of the last batch
    uint64 timestamp; // of the last batch [s since 1970]
    uint64 finalHour; // hour of the last final commitment [h since 1970]
    uint8 skips; // 0: the last final batch was NORMAL; 1: SKIP; 2: SKIPs, one of them message-only; 3: escaped by SKIPs
}
