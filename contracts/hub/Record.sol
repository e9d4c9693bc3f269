// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Status} from "./Status.sol";

/// A rollup's parameters as the hub keeps them. What is missing stands in the config whose hash is `configHash`.
struct Record {
    Status status;
    address owner;
    bytes32 program;
    address stateReader;
    bytes32 configHash;
    uint64 l2ChainId;
    address sequencing;
    uint16 policy; // mask << 8 | threshold
    uint32 window; // W [ticks]
    uint40 claimLife; // W + T_match [ticks]
    uint96 deposit; // D [wei]
    uint96 slash; // X [ALT wei]
    uint32 forceDelay; // [s]
    uint32 fallbackDelay; // [s]
    uint32 maxDormant; // [s]
    uint32 unwind; // [s]
    uint40 drainAt; // Draining starts here [s since 1970]; 2^34 - 1: never
    uint40 pausedUntil; // deposits are refused before [s since 1970]
    uint16 messageBound;
    uint8 ringLog2;
}
