// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What governance declares about a program when it enters the catalogue.
struct ProgramEntry {
    bytes32 codeRoot; // memory subtree of [0, 2 MiB), the text
    bytes32 memoryRoot0; // memory before the first step
    uint64 entry; // pc of the first step
    bytes32 genesis; // commitment of the empty rollup
    uint48 batchGas; // gas of one batch [L2 gas]; an honest run of so much stays far below 2^L steps
    uint8 logSteps; // L: a run has 2^L steps; 30, 33, … 45
    bool residual; // has a residual phase after the sweep
    address stateReader; // proves balances under a state root after an escape; 0: its accounts own nothing, and nothing can be taken out then
}
