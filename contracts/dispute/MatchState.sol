// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// A live match without its states: what ends it sends this back. Six words.
struct MatchState {
    bytes32 claimKey;
    bytes32 terms; // see `MatchTerms`
    address asserter;
    address challenger;
    bytes32 codeRoot;
    bytes32 position; // see `Position`
}
