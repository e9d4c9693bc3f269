// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What the rollup computes, where its data goes and who orders it.
struct Chain {
    bytes32 program; // programHash of a program in the catalogue
    address availability; // data layer module in the catalogue
    address sequencing; // sequencing module in the catalogue
    address sequencer; // the poster that `single` admits; 0 with every other module
    address feeRecipient; // L2 account that earns the fees and is swept like any other
    uint96 gasPrice; // [wei per L2 gas]
    uint32 messageGas; // gas one message may use [L2 gas]
    uint16 messageBound; // messages one batch consumes at most; every messageBound-th head is kept as a mark
}

/// What backs its claims. All of it is fixed for the life of the rollup.
struct Security {
    uint16 policy; // mask << 8 | threshold: a commitment is final with `threshold` of the mask's bits
    uint32 window; // W, in which a claim can be disputed [ticks]
    uint32 clock; // C, each side's time in a match [ticks]
    uint32 extension; // E, what a mover has at least [ticks]
    uint96 bond; // B, a challenger's bond [wei]
    uint96 deposit; // D, an asserter's deposit per line [wei]; below 2^80
    uint96 slash; // X, an operator's stake reserved per line [ALT wei]
    uint32 fallbackDelay; // after which bit 0 alone suffices [s]; without effect for the policy "bit 0"
}

/// When and how it ends.
struct Lifetime {
    address owner; // may drain, pause deposits and rotate the sequencer; 0: immutable for life
    uint40 endTime; // when Draining starts by itself [s since 1970]; 0: no fixed end
    uint32 unwind; // how long transactions go on in Draining [s]
    uint32 forceDelay; // without a batch for so long, posting opens to everyone [s]
    uint32 maxDormant; // dormant for longer, anyone may drain it [s]
    uint8 ringLog2; // log2 of the number of batches that can be pending
}
