// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Door} from "../hub/Door.sol";
import {Hot} from "../hub/Hot.sol";
import {IRollupHub} from "../hub/IRollupHub.sol";
import {Line} from "../hub/Line.sol";
import {Terms} from "../hub/Terms.sol";

/// Who may post a batch, and when: `single` admits the key whose line has the poster's bit, `open` everyone, paced. Beside the
/// module's posters everybody may post once the rollup has stood still for too long.
/// @dev Both modules are built into the hub: with a call out `post` would miss its bound. They have no contracts; the addresses
/// are their names in the catalogue.
///
/// The module's posters fill at most three quarters of the ring, so that nobody who floods it keeps outsiders out; those are
/// paced such that they can't fill the last quarter before its oldest batch is final.
library Sequencing {
    /// last 20 bytes of keccak256("rollworks.sequencing.single")
    address internal constant SINGLE_MODULE = 0x14c1B9D92025D169D4071f16ce5D423B8C21432a;
    /// last 20 bytes of keccak256("rollworks.sequencing.open")
    address internal constant OPEN_MODULE = 0x49242473442e6199F0A4CC175981A0b074f5F573;

    uint256 internal constant SINGLE = 0;
    uint256 internal constant OPEN = 1;

    /// Returns true if the module admits the poster now.
    function admits(Hot hot, Door door, Terms terms, Line line) internal view returns (bool) {
        return
            isMember(door, line) &&
            hot.pending() < memberRoom(hot) &&
            block.timestamp >= memberFrom(hot, door, terms);
    }

    /// Returns true if the module would admit the poster when there is room and time.
    function isMember(Door door, Line line) internal pure returns (bool) {
        return door.sequencing() == OPEN || line.isPoster();
    }

    /// Returns how many pending batches the module's posters may reach: three quarters of the ring.
    function memberRoom(Hot hot) internal pure returns (uint256) {
        return 3 << (hot.ringLog2() - 2); // the ring has at least 2^4 slots
    }

    /// Returns when the module's posters may post again: `open` spreads a ring over a claim's life [s since 1970].
    function memberFrom(Hot hot, Door door, Terms terms) internal pure returns (uint256) {
        return door.sequencing() == OPEN ? hot.lastPost() + (terms.claimLife() >> hot.ringLog2()) : 0;
    }

    /// Returns when posting opens to everyone [s since 1970]: at once after a final SKIP; forceDelay after the last batch, a
    /// sixteenth of it if that one fell short of its due; forceDelay after the message door closed.
    function outsiderFrom(Hot hot, Door door, Terms terms) internal pure returns (uint256) {
        if (hot.skips() != 0) return 0;
        uint256 delay = terms.forceDelay();
        uint256 silence = hot.lastPost() + (hot.isShort() ? delay / 16 : delay);
        uint256 sweep = door.closesAt() + delay;
        return silence < sweep ? silence : sweep;
    }

    /// Returns when outsiders may post again: a quarter of the ring spread over a claim's life [s since 1970].
    function outsiderPace(Hot hot, Terms terms) internal pure returns (uint256) {
        return hot.lastPost() + outsiderGap(terms.claimLife(), hot.ringLog2());
    }

    /// Returns the time between two batches of outsiders [s].
    function outsiderGap(uint256 claimLife, uint256 ringLog2) internal pure returns (uint256) {
        return claimLife >> (ringLog2 - 2);
    }

    /// Reverts unless someone whom the module doesn't admit now may post all the same.
    function requireOutsider(Hot hot, Door door, Terms terms, Line line) internal view {
        uint256 openFrom = outsiderFrom(hot, door, terms);
        if (block.timestamp < openFrom && isMember(door, line)) {
            uint256 from = memberFrom(hot, door, terms);
            require(block.timestamp >= from, IRollupHub.PostedTooSoon(block.timestamp, from));
            require(hot.pending() < memberRoom(hot), IRollupHub.RingFull(hot.pending(), memberRoom(hot)));
        }
        require(block.timestamp >= openFrom, IRollupHub.PosterNotAdmitted(msg.sender, openFrom));
        uint256 earliest = outsiderPace(hot, terms);
        require(block.timestamp >= earliest, IRollupHub.PostedTooSoon(block.timestamp, earliest));
        uint256 room = 1 << hot.ringLog2();
        require(hot.pending() < room, IRollupHub.RingFull(hot.pending(), room));
    }
}
