// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// An operator's stake reserved for one rollup, keyed by his hot key.
struct LineView {
    uint96 deposit; // D [wei]; 0: no line
    uint32 nonce; // a claim is backed while its nonce is this
    uint40 validUntil; // last second in which it can claim; 2^34 - 1: no end; 0: cannot claim
    bool isAlt; // X is reserved in the vault; else a bond line
    bool isPoster; // the rollup's single sequencer
    uint64 closingTime; // 0: not closing
    uint64 closingBlock;
    uint40 openMatches; // against claims that carry its nonce
}
