// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Claims} from "./Claims.sol";
import {ClaimTerms, ClaimTermsFields} from "./ClaimTerms.sol";
import {Backing, Entries, Times} from "./Entries.sol";
import {Hot} from "./Hot.sol";
import {HubState, Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Line} from "./Line.sol";
import {PostTermsFields} from "./PostTerms.sol";
import {RollupId} from "./RollupId.sol";
import {Status} from "./Status.sol";
import {Ticks} from "./Ticks.sol";

/// What is final: the commitments that a rollup keeps and that exits are paid under.
library Finality {
    uint256 internal constant RECENT = 64;
    uint256 internal constant HOURLY = 48;
    /// With the second message-only SKIP since the last NORMAL batch the program is dead.
    uint256 private constant SKIPS_MESSAGE_ONLY = 2;
    uint256 private constant SKIPS_ESCAPED = 3;

    /// See `IRollupHub.finalize`.
    function finalize(
        HubState storage hub,
        uint256 blockTime,
        ClaimTerms terms,
        bytes32 batchHash,
        bytes32 commitment,
        Backing backing,
        Times times
    ) internal {
        require(terms.isWellFormed(), IRollupHub.WordMalformed(ClaimTerms.unwrap(terms)));
        RollupId id = terms.rollup();
        uint256 index = terms.index();
        Rollup storage rollup = hub.rollups[id];
        Hot hot = rollup.hot;
        Claims.requirePending(hot, terms);
        require(
            index == hot.finalIndex() + 1,
            IRollupHub.ClaimIndexWrong(index, hot.finalIndex(), hot.posted())
        );
        uint256 slot;
        {
            bytes32 parent = rollup.recent[(index - 1) % RECENT];
            bytes32 claimKey = Claims.key(id, index, batchHash, parent, terms.mode(), commitment);
            slot =
                terms.place() == ClaimTermsFields.IN_RING
                    ? rollup.ring[hot.ringSlot(index)]
                    : hub.claims[Entries.claimId(claimKey, backing.asserter(), backing.nonce())];
            Claims.requireSlot(slot, Entries.hash(batchHash, claimKey, backing, times));
        }
        uint256 bits = _bits(rollup, slot, backing, times, blockTime);
        require(_satisfies(bits, backing.policy()), IRollupHub.NotFinalizable(bits, backing.policy()));

        uint256 hour = block.timestamp / 1 hours;
        rollup.recent[index % RECENT] = commitment;
        if (hour != hot.finalHour()) rollup.hourly[hour % HOURLY] = commitment;
        uint256 skips = _skips(hot.skips(), terms.mode(), backing.flags());
        hot = hot.afterFinal(hour, skips);
        rollup.hot = skips == SKIPS_ESCAPED ? hot.over() : hot;
        // an index has 32 bits, a mode 8
        emit IRollupHub.Finalized(id, uint64(index), commitment, uint8(terms.mode()), backing.asserter());
        if (skips == SKIPS_ESCAPED) {
            rollup.door = rollup.door.withStatus(Status.Escaped);
            emit IRollupHub.Escaped(id, uint64(index), commitment);
        }
    }

    /// Returns a kept commitment by its slot, or 0.
    function kept(Rollup storage rollup, uint256 slot) internal view returns (bytes32) {
        if (slot < RECENT) return rollup.recent[slot];
        return slot < RECENT + HOURLY ? rollup.hourly[slot - RECENT] : bytes32(0);
    }

    /// Returns the last final commitment.
    function last(Rollup storage rollup) internal view returns (uint256 index, bytes32 commitment) {
        index = rollup.hot.finalIndex();
        commitment = rollup.recent[index % RECENT];
    }

    /// Returns the bits that the claim has: bit 0 is computed, never stored.
    function _bits(
        Rollup storage rollup,
        uint256 slot,
        Backing backing,
        Times times,
        uint256 blockTime
    ) private view returns (uint256) {
        Line line = rollup.lines[backing.asserter()];
        bool survived =
            line.nonce() == backing.nonce() &&
                Ticks.since(times.backedTime(), times.backedBlock(), blockTime) >= backing.window() &&
                (line.openMatches() == 0 || _outlived(rollup, times, blockTime));
        return (slot & 0xfe) | (survived ? 1 : 0);
    }

    /// Returns true if every match that opened in the claim's window has had the time to end: else shams against the line, one after the
    /// other, would hold up its claims for ever. A match that beats a lie ends before any other lie of its line comes here.
    function _outlived(Rollup storage rollup, Times times, uint256 blockTime) private view returns (bool) {
        return
            Ticks.sinceSlowly(times.backedTime(), times.backedBlock(), blockTime) >= rollup.terms.claimLife();
    }

    /// Returns true if enough bits of the policy's mask are set.
    function _satisfies(uint256 bits, uint256 policy) private pure returns (bool) {
        uint256 threshold = policy & 0xff;
        uint256 set = bits & (policy >> 8);
        // each step clears the lowest bit that is set, of at most eight; the threshold falls no lower than 0
        unchecked {
            while (set != 0 && threshold != 0) {
                set &= set - 1;
                --threshold;
            }
        }
        return threshold == 0;
    }

    /// Returns how the last batches ended, with this one.
    function _skips(uint256 skips, uint256 mode, uint256 flags) private pure returns (uint256) {
        if (mode == ClaimTermsFields.NORMAL) return 0;
        if (flags & PostTermsFields.MESSAGE_ONLY != 0)
            return skips == SKIPS_MESSAGE_ONLY ? SKIPS_ESCAPED : SKIPS_MESSAGE_ONLY;
        return skips == SKIPS_MESSAGE_ONLY ? SKIPS_MESSAGE_ONLY : 1;
    }
}
