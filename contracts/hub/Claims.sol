// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ClaimTerms, ClaimTermsFields} from "./ClaimTerms.sol";
import {Door} from "./Door.sol";
import {Backing, Entries, Times} from "./Entries.sol";
import {Hot} from "./Hot.sol";
import {HubState, Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Line} from "./Line.sol";
import {RollupId} from "./RollupId.sol";
import {Ticks} from "./Ticks.sol";
import {WordHash} from "./WordHash.sol";

/// Claims about a batch's result. They are conditional on a parent and rivals coexist: whoever lies loses his own backing only.
library Claims {
    /// A bond line claims batches that were posted so long ago [s].
    uint256 internal constant BOND_LINE_DELAY = 1 days;

    /// See `IRollupHub.claim`.
    function claim(
        HubState storage hub,
        ClaimTerms terms,
        bytes32 parent,
        bytes32 commitment,
        bytes32[4] calldata entry
    ) internal {
        require(
            terms.isWellFormed() && terms.place() == 0,
            IRollupHub.WordMalformed(ClaimTerms.unwrap(terms))
        );
        Rollup storage rollup = hub.rollups[terms.rollup()];
        Hot hot = rollup.hot;
        requirePending(hot, terms);
        (Backing ringBacking, Times ringTimes) = (Backing.wrap(entry[2]), Times.wrap(entry[3]));
        requireSlot(
            rollup.ring[hot.ringSlot(terms.index())],
            Entries.hash(entry[0], entry[1], ringBacking, ringTimes)
        );
        requireResult(terms.mode(), parent, commitment);
        Line line = rollup.lines[msg.sender];
        requireLine(line, rollup.door, ringTimes.postTime());
        bytes32 claimKey = key(terms.rollup(), terms.index(), entry[0], parent, terms.mode(), commitment);
        Backing backing = Entries.backing(msg.sender, line.nonce(), ringBacking.pinned());
        bytes32 claimId = Entries.claimId(claimKey, msg.sender, line.nonce());
        bool isInRing = entry[1] == claimKey && entry[2] == Backing.unwrap(backing);
        require(
            !isInRing && hub.claims[claimId] == 0,
            IRollupHub.ClaimStands(claimKey, msg.sender, uint32(line.nonce())) // has 32 bits
        );
        hub.claims[claimId] = Entries.hash(
            entry[0],
            claimKey,
            backing,
            Entries.backedNow(ringTimes.postAndGap())
        );
        emit IRollupHub.Claimed(
            terms.rollup(),
            uint64(terms.index()), // has 32 bits
            msg.sender,
            entry[0],
            parent,
            commitment,
            uint8(terms.mode()), // has 8
            uint32(line.nonce()) // has 32
        );
    }

    /// Counts a match more against the line behind a claim: one that stands as given, is backed and still in its window.
    /// @dev The line's, not the claim's: one match holds up everything its asserter says [rival lies, one bond].
    /// @dev Whether its index is final, or the rollup's life over, doesn't matter [a lie told late would cost nothing].
    /// @param ringSlot where the claim's entry stands in the ring, if it does. Taken, not computed: what it holds binds rollup and index.
    /// @return claimKey of the claim
    function openMatch(
        HubState storage hub,
        uint256 blockTime,
        ClaimTerms terms,
        uint256 ringSlot,
        bytes32 batchHash,
        bytes32 parent,
        bytes32 commitment,
        Backing backing,
        Times times
    ) internal returns (bytes32 claimKey) {
        require(terms.isWellFormed(), IRollupHub.WordMalformed(ClaimTerms.unwrap(terms)));
        Rollup storage rollup = hub.rollups[terms.rollup()];
        claimKey = key(terms.rollup(), terms.index(), batchHash, parent, terms.mode(), commitment);
        requireSlot(
            terms.place() == ClaimTermsFields.IN_RING
                ? rollup.ring[ringSlot]
                : hub.claims[Entries.claimId(claimKey, backing.asserter(), backing.nonce())],
            Entries.hash(batchHash, claimKey, backing, times)
        );
        Line line = rollup.lines[backing.asserter()];
        require(
            line.nonce() == backing.nonce(),
            IRollupHub.ClaimUnbacked(backing.asserter(), uint32(backing.nonce())) // has 32 bits
        );
        rollup.lines[backing.asserter()] = line.withMatch();
        uint256 ticks = Ticks.since(times.backedTime(), times.backedBlock(), blockTime);
        require(ticks < backing.window(), IRollupHub.WindowOver(ticks, backing.window()));
    }

    /// Counts a match less against a line that has the nonce with which `openMatch` counted it.
    function endMatch(HubState storage hub, RollupId id, address asserter) internal {
        Rollup storage rollup = hub.rollups[id];
        rollup.lines[asserter] = rollup.lines[asserter].withoutMatch();
    }

    /// Returns the key that a claim and the bits of its proofs have.
    function key(
        RollupId id,
        uint256 index,
        bytes32 batchHash,
        bytes32 parent,
        uint256 mode,
        bytes32 commitment
    ) internal pure returns (bytes32) {
        return
            WordHash.digest(
                bytes32(uint256(RollupId.unwrap(id))),
                bytes32(index),
                batchHash,
                parent,
                bytes32(mode),
                commitment
            );
    }

    /// Checks that a batch is posted and not final.
    function requirePending(Hot hot, ClaimTerms terms) internal pure {
        require(!hot.isOver(), IRollupHub.RollupOver(terms.rollup()));
        uint256 index = terms.index();
        require(
            index > hot.finalIndex() && index <= hot.posted(),
            IRollupHub.ClaimIndexWrong(index, hot.finalIndex(), hot.posted())
        );
    }

    /// Checks that a slot holds the entry given, whatever its bits are.
    function requireSlot(uint256 slot, uint256 hash) internal pure {
        require(slot & Entries.HASH_MASK == hash, IRollupHub.EntryMismatch(hash, slot));
    }

    /// Checks what a claim says by itself: a SKIP leaves the state as it was, a result isn't zero.
    function requireResult(uint256 mode, bytes32 parent, bytes32 commitment) internal pure {
        require(commitment != 0, IRollupHub.CommitmentZero());
        require(
            mode == ClaimTermsFields.NORMAL || commitment == parent,
            IRollupHub.SkipCommitmentForeign(commitment, parent)
        );
    }

    /// Checks that the caller's line can claim a batch posted then, now.
    function requireLine(Line line, Door door, uint256 postTime) internal view {
        require(block.timestamp >= door.claimsFrom(), IRollupHub.ClaimsDelayed(door.claimsFrom()));
        require(line.isValid(), IRollupHub.LineInvalid(msg.sender, line.validUntil()));
        require(
            line.isAlt() || block.timestamp >= postTime + BOND_LINE_DELAY,
            IRollupHub.BondLineTooEarly(block.timestamp, postTime + BOND_LINE_DELAY)
        );
    }
}
