// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {WordHash} from "./WordHash.sol";

/// Words 2 and 3 of a claim's entry (docs/encodings/claims.md): who backs it and until when it may be disputed.
///
/// ```
/// backing  asserter address(20) ‖ nonce u32 ‖ window u32 ‖ policyMask u8 ‖ policyThreshold u8 ‖ flags u16
/// times    backedTime u64 ‖ backedBlock u64 ‖ postTime u64 ‖ gap u64
/// slot     hash u248 ‖ bits u8
/// ```
type Backing is bytes32;

/// See `Backing`.
type Times is bytes32;

using Entries for Backing global;
using Entries for Times global;

/// Entries: a slot holds a hash of what a claim is, and beside it what changes: its proofs' bits.
library Entries {
    uint256 internal constant HASH_MASK = ~uint256(0xff);

    function asserter(Backing self) internal pure returns (address) {
        return address(bytes20(Backing.unwrap(self)));
    }

    function nonce(Backing self) internal pure returns (uint256) {
        return (uint256(Backing.unwrap(self)) >> 64) & 0xffffffff;
    }

    /// Returns how long the claim can be disputed [ticks].
    function window(Backing self) internal pure returns (uint256) {
        return (uint256(Backing.unwrap(self)) >> 32) & 0xffffffff;
    }

    /// Returns mask << 8 | threshold.
    function policy(Backing self) internal pure returns (uint256) {
        return (uint256(Backing.unwrap(self)) >> 16) & 0xffff;
    }

    /// Returns the flags of the batch's header.
    function flags(Backing self) internal pure returns (uint256) {
        return uint256(Backing.unwrap(self)) & 0xffff;
    }

    /// Returns window, policy and flags: what the batch pinned, whoever claims.
    function pinned(Backing self) internal pure returns (uint256) {
        return uint256(Backing.unwrap(self)) & 0xffffffffffffffff;
    }

    function backing(address asserter_, uint256 nonce_, uint256 pinned_) internal pure returns (Backing) {
        return Backing.wrap(bytes32((uint256(uint160(asserter_)) << 96) | (nonce_ << 64) | pinned_));
    }

    function backedTime(Times self) internal pure returns (uint256) {
        return uint256(Times.unwrap(self)) >> 192;
    }

    function backedBlock(Times self) internal pure returns (uint256) {
        return (uint256(Times.unwrap(self)) >> 128) & 0xffffffffffffffff;
    }

    function postTime(Times self) internal pure returns (uint256) {
        return (uint256(Times.unwrap(self)) >> 64) & 0xffffffffffffffff;
    }

    /// Returns the times of a claim backed now.
    /// @param post postTime and gap of the batch
    function backedNow(uint256 post) internal view returns (Times) {
        return Times.wrap(bytes32((block.timestamp << 192) | (block.number << 128) | post));
    }

    /// Returns postTime and gap, which the batch pinned.
    function postAndGap(Times self) internal pure returns (uint256) {
        return uint256(Times.unwrap(self)) & 0xffffffffffffffffffffffffffffffff;
    }

    /// Returns an entry's slot without bits.
    function hash(
        bytes32 batchHash,
        bytes32 claimKey,
        Backing backing_,
        Times times
    ) internal pure returns (uint256) {
        return
            uint256(WordHash.digest(batchHash, claimKey, Backing.unwrap(backing_), Times.unwrap(times))) &
            HASH_MASK;
    }

    /// Returns where a claim made on its own has its entry.
    function claimId(bytes32 claimKey, address asserter_, uint256 nonce_) internal pure returns (bytes32) {
        return WordHash.digest(claimKey, bytes32(uint256(uint160(asserter_))), bytes32(nonce_));
    }
}
