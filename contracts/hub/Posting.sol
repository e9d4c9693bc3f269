// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CalldataLayer} from "../availability/CalldataLayer.sol";
import {Sequencing} from "../sequencing/Sequencing.sol";
import {Claims} from "./Claims.sol";
import {Door} from "./Door.sol";
import {Backing, Entries, Times} from "./Entries.sol";
import {Hot} from "./Hot.sol";
import {HubState, Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Line} from "./Line.sol";
import {PostTerms} from "./PostTerms.sol";
import {Terms} from "./Terms.sol";
import {WordHash} from "./WordHash.sol";

/// Batches: what is posted is final in order and content; only what it results in is claimed.
library Posting {
    uint256 private constant HEADER_VERSION = 1;

    /// See `IRollupHub.post`.
    function post(
        HubState storage hub,
        PostTerms terms,
        bytes32 batchHash,
        bytes calldata data,
        bytes32 parent,
        bytes32 commitment
    ) internal {
        require(terms.isWellFormed(), IRollupHub.WordMalformed(PostTerms.unwrap(terms)));
        Rollup storage rollup = hub.rollups[terms.rollup()];
        Hot hot = rollup.hot;
        Door door = rollup.door;
        Line line = rollup.lines[msg.sender];
        require(door.isAlive(), IRollupHub.PostingClosed(terms.rollup()));
        // posted has 32 bits
        unchecked {
            require(
                terms.index() == hot.posted() + 1,
                IRollupHub.BatchIndexWrong(terms.index(), hot.posted() + 1)
            );
        }
        _requireAdmitted(rollup, hot, door, line, terms, data.length);
        _requireContext(hot, terms);
        _requireBatchHash(rollup, terms, _targetHash(rollup, hot, door, terms), data, batchHash);
        _append(rollup, hot, door, terms, _entry(hot, door, line, terms, batchHash, parent, commitment));
        emit IRollupHub.Posted(
            terms.rollup(),
            msg.sender,
            PostTerms.unwrap(terms),
            batchHash,
            parent,
            commitment,
            uint32(line.nonce()) // has 32 bits
        );
    }

    /// Returns the ring entry of the batch, with the poster's claim unless the commitment is 0.
    function _entry(
        Hot hot,
        Door door,
        Line line,
        PostTerms terms,
        bytes32 batchHash,
        bytes32 parent,
        bytes32 commitment
    ) private view returns (uint256) {
        bytes32 claimKey;
        Backing backing = Entries.backing(
            address(0),
            0,
            (door.window() << 32) | (door.policy() << 16) | terms.flags()
        );
        if (commitment != 0) {
            require(terms.mode() <= 1, IRollupHub.WordMalformed(PostTerms.unwrap(terms)));
            Claims.requireResult(terms.mode(), parent, commitment);
            Claims.requireLine(line, door, block.timestamp);
            claimKey = Claims.key(terms.rollup(), terms.index(), batchHash, parent, terms.mode(), commitment);
            backing = Entries.backing(msg.sender, line.nonce(), backing.pinned());
        } else {
            require(parent == 0 && terms.mode() == 0, IRollupHub.WordMalformed(PostTerms.unwrap(terms)));
        }
        // lastPost is a time of the past
        unchecked {
            Times times = Entries.backedNow((block.timestamp << 64) | (block.timestamp - hot.lastPost()));
            return Entries.hash(batchHash, claimKey, backing, times);
        }
    }

    function _append(Rollup storage rollup, Hot hot, Door door, PostTerms terms, uint256 entry) private {
        rollup.ring[hot.ringSlot(terms.index())] = entry;
        // the timestamp was found to be at most now, and at most an hour old
        unchecked {
            rollup.hot = hot.afterPost(
                door.count(),
                terms.target(),
                terms.l1Number(),
                block.timestamp - terms.timestamp(),
                terms.target() < hot.due()
            );
        }
    }

    /// Checks who posts, when, and what his batch may carry.
    function _requireAdmitted(
        Rollup storage rollup,
        Hot hot,
        Door door,
        Line line,
        PostTerms terms,
        uint256 length
    ) private view {
        bool isClosed = block.timestamp >= door.closesAt();
        bool mayCarryData = !isClosed;
        if (
            door.sequencing() != Sequencing.SINGLE ||
            !line.isPoster() ||
            hot.pending() >= Sequencing.memberRoom(hot)
        ) {
            Terms record = rollup.terms;
            if (!Sequencing.admits(hot, door, record, line)) {
                Sequencing.requireOutsider(hot, door, record, line);
                mayCarryData = mayCarryData && line.isAlt() && line.isValid();
            }
        }
        if (terms.isMessageOnly()) {
            require(length == 0, IRollupHub.DataUnexpected(length));
        } else {
            require(mayCarryData, IRollupHub.MessageOnlyRequired(msg.sender));
        }
        bool mustSweep = isClosed && terms.target() == door.count();
        require(terms.isSweep() == mustSweep, IRollupHub.SweepFlagWrong(terms.isSweep(), mustSweep));
    }

    /// Returns the head the batch must know, after `target` messages; moves the due to the present head.
    /// @dev The target is what had arrived when the last batch was posted, or all there is, neither more than messageBound past the
    /// last target; if even the former is farther, the next mark.
    function _targetHash(
        Rollup storage rollup,
        Hot hot,
        Door door,
        PostTerms terms
    ) private returns (bytes32 found) {
        uint256 target = terms.target();
        uint256 count = door.count();
        uint256 due = hot.due();
        uint256 bound = door.messageBound();
        // sums and products of 40 and 12 bits; an existing rollup's bound isn't 0; the mark isn't beyond due, so it was kept
        unchecked {
            uint256 most = hot.target() + bound;
            bytes32 head = rollup.head;
            if (due > most) {
                uint256 mark = hot.target() / bound + 1;
                require(target == mark * bound, IRollupHub.TargetWrong(target, mark * bound, count));
                found = rollup.marks[mark];
            } else if (target == count && count <= most) {
                found = head;
            } else {
                require(target == due, IRollupHub.TargetWrong(target, due, count));
                found = rollup.dueHead;
            }
            if (count != due) rollup.dueHead = head;
        }
    }

    /// Checks the L1 block and the time that the batch names.
    function _requireContext(Hot hot, PostTerms terms) private view {
        uint256 number = terms.l1Number();
        require(
            number >= hot.l1Number() && blockhash(number) != 0,
            IRollupHub.L1BlockUnusable(number, hot.l1Number())
        );
        uint256 time = terms.timestamp();
        // no chain runs in the first hour of 1970
        unchecked {
            uint256 least = block.timestamp - 1 hours;
            if (hot.timestamp() > least) least = hot.timestamp();
            require(
                time >= least && time <= block.timestamp,
                IRollupHub.TimestampOutOfRange(time, least, block.timestamp)
            );
        }
    }

    /// Builds the header and compares what it and the config hash to with what the poster expects.
    function _requireBatchHash(
        Rollup storage rollup,
        PostTerms terms,
        bytes32 targetHash,
        bytes calldata data,
        bytes32 expected
    ) private view {
        bytes32 headerHash = WordHash.digest(
            bytes32(
                (uint256(uint160(CalldataLayer.MODULE)) << 96) |
                    (CalldataLayer.READ_KIND << 88) |
                    (terms.flags() << 80) |
                    (HEADER_VERSION << 64) |
                    terms.index()
            ),
            bytes32((uint256(uint160(msg.sender)) << 96) | terms.target()),
            CalldataLayer.commit(data),
            targetHash,
            blockhash(terms.l1Number()),
            bytes32((terms.l1Number() << 64) | terms.timestamp())
        );
        bytes32 computed = WordHash.digest(headerHash, rollup.configHash);
        require(computed == expected, IRollupHub.BatchHashMismatch(computed, expected));
    }
}
