// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Sequencing} from "../sequencing/Sequencing.sol";
import {Door} from "./Door.sol";
import {Finality} from "./Finality.sol";
import {HubState, Rollup} from "./HubState.sol";
import {Hot} from "./Hot.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {RollupId} from "./RollupId.sol";
import {Status} from "./Status.sol";
import {Terms} from "./Terms.sol";

/// The verbs that move a rollup through its life, and what its owner may do meanwhile. None of them can hold back an exit.
library Lifecycle {
    uint256 private constant MAX_PAUSE = 7 days;
    uint256 private constant NOTICE = 7 days;
    uint256 private constant ESCAPE_DELAY = 90 days;
    uint256 private constant SWEPT = 2;

    /// See `IRollupHub.drain`.
    function drain(HubState storage hub, RollupId id) external {
        Rollup storage rollup = hub.rollups[id];
        Door door = _requireAlive(rollup, id);
        require(door.storedStatus() == Status.Active, IRollupHub.DrainingAlready(id));
        uint256 drainAt = door.drainAt();
        if (block.timestamp < drainAt) {
            _requireOwner(rollup, id);
            drainAt = block.timestamp;
        }
        rollup.door = door.withDrainAt(drainAt).withStatus(Status.Draining);
        emit IRollupHub.Drained(id, drainAt);
    }

    /// See `IRollupHub.pauseDeposits`.
    function pauseDeposits(HubState storage hub, RollupId id, uint256 until) external {
        Rollup storage rollup = hub.rollups[id];
        Door door = _requireAlive(rollup, id);
        _requireOwner(rollup, id);
        require(door.status() == Status.Active, IRollupHub.RollupNotActive(id));
        uint256 ended = door.pausedUntil();
        if (block.timestamp < ended) {
            // a running pause can only be shortened
            require(until <= ended, IRollupHub.PauseTooLong(until, ended));
            if (until < block.timestamp) until = block.timestamp;
        } else {
            uint256 most = block.timestamp + MAX_PAUSE;
            require(until > block.timestamp, IRollupHub.PauseInPast(until, block.timestamp));
            require(until <= most, IRollupHub.PauseTooLong(until, most));
            uint256 earliest = ended == 0 ? 0 : ended + MAX_PAUSE;
            require(block.timestamp >= earliest, IRollupHub.PauseTooSoon(block.timestamp, earliest));
        }
        rollup.door = door.withPausedUntil(until);
        emit IRollupHub.DepositsPaused(id, until);
    }

    /// See `IRollupHub.announceSequencer`.
    function announceSequencer(HubState storage hub, RollupId id, address sequencer) external {
        Rollup storage rollup = hub.rollups[id];
        Door door = _requireAlive(rollup, id);
        _requireOwner(rollup, id);
        require(door.sequencing() == Sequencing.SINGLE, IRollupHub.SequencerWrong(id, sequencer));
        Terms terms = rollup.terms;
        uint256 from = block.timestamp + 2 * terms.forceDelay() + terms.claimLife() + NOTICE;
        rollup.nextSequencer = sequencer;
        rollup.nextSequencerFrom = uint40(from); // seconds since 1970 and less than a year
        emit IRollupHub.SequencerAnnounced(id, sequencer, from);
    }

    /// See `IRollupHub.rotateSequencer`.
    function rotateSequencer(
        HubState storage hub,
        RollupId id,
        address previous,
        address sequencer
    ) external {
        Rollup storage rollup = hub.rollups[id];
        require(
            sequencer != address(0) && rollup.nextSequencer == sequencer,
            IRollupHub.SequencerNotAnnounced(id, sequencer)
        );
        uint256 from = rollup.nextSequencerFrom;
        require(block.timestamp >= from, IRollupHub.NoticeRunning(block.timestamp, from));
        require(rollup.lines[previous].isPoster(), IRollupHub.SequencerWrong(id, previous));
        rollup.nextSequencer = address(0);
        rollup.nextSequencerFrom = 0;
        rollup.lines[previous] = rollup.lines[previous].withPoster(false);
        rollup.lines[sequencer] = rollup.lines[sequencer].withPoster(true);
        emit IRollupHub.SequencerRotated(id, previous, sequencer);
    }

    /// See `IRollupHub.retire`.
    function retire(
        HubState storage hub,
        RollupId id,
        bytes32 stateRoot,
        bytes32 exitRoot,
        bytes32 packed
    ) external {
        Rollup storage rollup = hub.rollups[id];
        Door door = _requireAlive(rollup, id);
        require(block.timestamp >= door.closesAt(), IRollupHub.DoorStillOpen(id, door.closesAt()));
        Hot hot = rollup.hot;
        uint256 index = hot.finalIndex();
        bytes32 commitment = rollup.recent[index % Finality.RECENT];
        bytes32 computed = keccak256(abi.encode(stateRoot, exitRoot, packed));
        require(computed == commitment, IRollupHub.CommitmentMismatch(computed, commitment));
        uint256 phase = uint256(packed) & 0xff;
        uint256 consumed = (uint256(packed) >> 64) & 0xffffffffffffffff;
        require(
            phase == SWEPT && consumed == door.count(),
            IRollupHub.SweepIncomplete(phase, consumed, door.count())
        );
        rollup.door = door.withStatus(Status.Retired);
        rollup.hot = hot.over();
        emit IRollupHub.Retired(id, uint64(index), commitment); // has 32 bits
    }

    /// See `IRollupHub.escape`.
    function escape(HubState storage hub, RollupId id) external {
        Rollup storage rollup = hub.rollups[id];
        Door door = _requireAlive(rollup, id);
        Hot hot = rollup.hot;
        uint256 since = (hot.finalHour() + 1) * 1 hours;
        // Before the door has closed nobody can sweep, whatever was final last.
        if (door.closesAt() > since) since = door.closesAt();
        uint256 earliest = since + ESCAPE_DELAY;
        require(block.timestamp >= earliest, IRollupHub.EscapeTooEarly(block.timestamp, earliest));
        rollup.door = door.withStatus(Status.Escaped);
        rollup.hot = hot.over();
        (uint256 index, bytes32 commitment) = Finality.last(rollup);
        emit IRollupHub.Escaped(id, uint64(index), commitment); // has 32 bits
    }

    function _requireAlive(Rollup storage rollup, RollupId id) private view returns (Door door) {
        require(rollup.configHash != 0, IRollupHub.RollupUnknown(id));
        door = rollup.door;
        require(door.isAlive(), IRollupHub.RollupOver(id));
    }

    function _requireOwner(Rollup storage rollup, RollupId id) private view {
        require(msg.sender == rollup.owner, IRollupHub.CallerNotOwner(id, msg.sender));
    }
}
