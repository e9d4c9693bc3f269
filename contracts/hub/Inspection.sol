// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Sequencing} from "../sequencing/Sequencing.sol";
import {Catalogue} from "./Catalogue.sol";
import {Config} from "./Config.sol";
import {Door} from "./Door.sol";
import {Finality} from "./Finality.sol";
import {Hot} from "./Hot.sol";
import {HubState, Rollup} from "./HubState.sol";
import {Line} from "./Line.sol";
import {LineView} from "./LineView.sol";
import {Progress} from "./Progress.sol";
import {Record} from "./Record.sol";
import {RollupId} from "./RollupId.sol";
import {Status} from "./Status.sol";
import {Terms} from "./Terms.sol";

/// Reads for people and nodes. None reverts, whatever it is asked.
/// @dev Casts fit: each field of what is returned is at least as wide as the packed one it comes from.
library Inspection {
    /// See `IRollupHub.record`.
    function record(HubState storage hub, RollupId id) external view returns (Record memory found) {
        Rollup storage rollup = hub.rollups[id];
        Door door = rollup.door;
        Terms terms = rollup.terms;
        found.status = door.status();
        if (found.status == Status.None) return found;
        found.owner = rollup.owner;
        found.program = hub.programByNumber[terms.program()];
        found.stateReader = Catalogue.stateReader(hub.programs[found.program].traits);
        found.configHash = rollup.configHash;
        found.l2ChainId = Config.l2ChainId(id);
        found.sequencing =
            door.sequencing() == Sequencing.SINGLE ? Sequencing.SINGLE_MODULE : Sequencing.OPEN_MODULE;
        found.policy = uint16(door.policy());
        found.window = uint32(door.window());
        found.claimLife = uint40(terms.claimLife());
        found.deposit = uint96(terms.deposit());
        found.slash = rollup.slash;
        found.forceDelay = uint32(terms.forceDelay());
        found.fallbackDelay = uint32(terms.fallbackDelay());
        found.maxDormant = uint32(terms.maxDormant());
        found.unwind = uint32(door.unwind());
        found.drainAt = uint40(door.drainAt());
        found.pausedUntil = uint40(door.pausedUntil());
        found.messageBound = uint16(door.messageBound());
        found.ringLog2 = uint8(rollup.hot.ringLog2());
    }

    /// See `IRollupHub.progress`.
    function progress(HubState storage hub, RollupId id) external view returns (Progress memory found) {
        Rollup storage rollup = hub.rollups[id];
        Hot hot = rollup.hot;
        found.posted = uint64(hot.posted());
        found.finalIndex = uint64(hot.finalIndex());
        (, found.finalCommitment) = Finality.last(rollup);
        found.count = uint64(rollup.door.count());
        found.head = rollup.head;
        found.due = uint64(hot.due());
        found.dueHead = found.due == found.count ? rollup.head : rollup.dueHead;
        found.target = uint64(hot.target());
        found.isShort = hot.isShort();
        found.lastPost = uint64(hot.lastPost());
        found.l1Number = uint64(hot.l1Number());
        found.timestamp = uint64(hot.timestamp());
        found.finalHour = uint64(hot.finalHour());
        found.skips = uint8(hot.skips());
    }

    /// See `IRollupHub.lineOf`.
    function lineOf(
        HubState storage hub,
        RollupId id,
        address key
    ) external view returns (LineView memory found) {
        Line line = hub.rollups[id].lines[key];
        uint256 closing = hub.rollups[id].closings[key];
        found.deposit = uint96(line.deposit());
        found.nonce = uint32(line.nonce());
        found.validUntil = uint40(line.validUntil());
        found.isAlt = line.isAlt();
        found.isPoster = line.isPoster();
        found.openMatches = uint40(line.openMatches());
        found.closingTime = uint64(closing >> 64);
        found.closingBlock = uint64(closing);
    }

    /// See `IRollupHub.mayPost`.
    function mayPost(
        HubState storage hub,
        RollupId id,
        address poster
    ) external view returns (bool may, bool mayCarryData) {
        Rollup storage rollup = hub.rollups[id];
        Hot hot = rollup.hot;
        Door door = rollup.door;
        Terms terms = rollup.terms;
        Line line = rollup.lines[poster];
        if (!door.isAlive()) return (false, false);
        bool isClosed = block.timestamp >= door.closesAt();
        if (Sequencing.admits(hot, door, terms, line)) return (true, !isClosed);
        may =
            block.timestamp >= Sequencing.outsiderFrom(hot, door, terms) &&
            block.timestamp >= Sequencing.outsiderPace(hot, terms) &&
            hot.pending() < 1 << hot.ringLog2();
        mayCarryData = may && !isClosed && line.isAlt() && line.isValid();
    }
}
