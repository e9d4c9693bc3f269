// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Door} from "./Door.sol";
import {Hot} from "./Hot.sol";
import {Line} from "./Line.sol";
import {RollupId} from "./RollupId.sol";
import {Terms} from "./Terms.sol";

/// A rollup: seven slots written at creation (with the single sequencer's line), the rest as it lives. Drawn in docs/storage.md.
struct Rollup {
    Hot hot;
    Door door;
    bytes32 head; // of the message chain
    bytes32 dueHead; // of the chain after hot.due messages, if that isn't head
    Terms terms;
    address owner; // 0: immutable for life
    uint96 slash; // X [ALT wei]
    bytes32 configHash;
    bytes32[64] recent; // final commitments by index mod 64
    bytes32[48] hourly; // the first final commitment of an hour, by hour mod 48
    mapping(uint256 slot => uint256 entry) ring; // by index mod 2^ringLog2
    mapping(uint256 mark => bytes32 head) marks; // head after mark · messageBound messages
    mapping(address key => Line line) lines;
    mapping(address key => uint256 timeAndBlock) closings; // time u64 ‖ block u64; 0: not closing
    address nextSequencer;
    uint40 nextSequencerFrom; // [s since 1970]
}

/// A program of the catalogue.
struct ProgramSlot {
    bytes32 genesis;
    uint256 traits; // stateReader(20) ‖ number u32 ‖ batchGas u48 ‖ logSteps u8 ‖ zero u6 ‖ isResidual ‖ isObsolete
}

/// All that the hub stores.
struct HubState {
    uint64 rollupCount;
    uint32 programCount;
    address governor;
    address nextGovernor;
    mapping(RollupId rollup => Rollup) rollups;
    mapping(bytes32 claimId => uint256 entry) claims; // by keccak(claimKey, asserter, nonce)
    mapping(bytes32 matchId => uint256 state) matches;
    mapping(address key => uint256 amount) slashDue; // [ALT wei]
    mapping(bytes32 programHash => ProgramSlot) programs;
    mapping(uint32 number => bytes32 programHash) programByNumber;
    mapping(address module => uint256 traits) modules; // kind u8 ‖ version u16 ‖ isObsolete u8, from the lowest bit
}
