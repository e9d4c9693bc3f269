// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Door, DoorFields} from "../../contracts/hub/Door.sol";
import {Hot, HotFields} from "../../contracts/hub/Hot.sol";
import {Line} from "../../contracts/hub/Line.sol";
import {Status} from "../../contracts/hub/Status.sol";
import {Terms, TermsFields} from "../../contracts/hub/Terms.sol";
import {Proofs} from "./Proofs.sol";

/// The packed words of the hub, for all words and all values that fit: what is written is read, and nothing else changes.
contract WordProofs is Proofs {
    // ----------------------------------------------------------------------------------------------------------------- hot

    function check_hotAfterPost(
        uint256 word,
        uint40 count,
        uint40 target,
        uint40 l1Number,
        uint16 lag,
        bool isShort,
        uint40 time
    ) external {
        Hot hot = Hot.wrap(word);
        vm.assume(
            hot.posted() < type(uint32).max && hot.pending() < type(uint16).max && lag <= 3600 && time >= 3600
        );
        vm.warp(time);
        Hot next = hot.afterPost(count, target, l1Number, lag, isShort);
        assert(next.due() == count && next.target() == target && next.l1Number() == l1Number);
        assert(next.posted() == hot.posted() + 1 && next.pending() == hot.pending() + 1);
        assert(next.lastPost() == time && next.timestamp() == time - lag && next.isShort() == isShort);
        assert(next.finalHour() == hot.finalHour() && next.skips() == hot.skips());
        assert(next.isOver() == hot.isOver() && next.ringLog2() == hot.ringLog2());
    }

    /// Posting moves no batch to final: what was pending stays so.
    function check_hotAfterPostFinalIndex(uint256 word, uint40 count, uint40 time) external {
        Hot hot = Hot.wrap(word);
        vm.assume(hot.posted() < type(uint32).max && hot.pending() < type(uint16).max);
        vm.assume(hot.pending() <= hot.posted());
        vm.warp(time);
        assert(hot.afterPost(count, 0, 0, 0, false).finalIndex() == hot.finalIndex());
    }

    function check_hotAfterFinal(uint256 word, uint24 hour, uint8 skips) external pure {
        Hot hot = Hot.wrap(word);
        vm.assume(hot.pending() != 0 && hot.pending() <= hot.posted() && skips < 4);
        Hot next = hot.afterFinal(hour, skips);
        assert(next.finalIndex() == hot.finalIndex() + 1 && next.pending() == hot.pending() - 1);
        assert(next.finalHour() == hour && next.skips() == skips);
        assert(next.due() == hot.due() && next.target() == hot.target() && next.posted() == hot.posted());
        assert(next.lastPost() == hot.lastPost() && next.l1Number() == hot.l1Number());
        assert(next.timestamp() == hot.timestamp() && next.isShort() == hot.isShort());
        assert(next.isOver() == hot.isOver() && next.ringLog2() == hot.ringLog2());
    }

    function check_hotOver(uint256 word) external pure {
        Hot hot = Hot.wrap(word);
        assert(hot.over().isOver());
        assert(Hot.unwrap(hot.over()) & ~(uint256(1) << 247) == word & ~(uint256(1) << 247));
    }

    function check_hotCreated(uint40 time, uint40 number, uint8 log2) external {
        vm.assume(number != 0 && log2 < 16 && time < 2 ** 35); // until the year 3058
        vm.warp(time);
        vm.roll(number);
        Hot hot = HotFields.created(log2);
        assert(hot.lastPost() == time && hot.l1Number() == number - 1 && hot.ringLog2() == log2);
        assert(hot.timestamp() == time && hot.finalHour() == time / 3600);
        assert(hot.due() == 0 && hot.target() == 0 && hot.posted() == 0 && hot.pending() == 0);
        assert(hot.skips() == 0 && !hot.isShort() && !hot.isOver());
    }

    // ---------------------------------------------------------------------------------------------------------------- door

    function check_doorCreated(
        uint40 endTime,
        uint24 unwind,
        uint24 window,
        uint16 bound,
        uint8 mask,
        uint8 threshold,
        uint8 sequencing
    ) external pure {
        vm.assume(endTime < DoorFields.NEVER && bound < 2 ** 12 && threshold < 16 && sequencing < 4);
        uint256 policy = (uint256(mask) << 8) | threshold;
        Door door = DoorFields.created(endTime, unwind, window, bound, policy, sequencing);
        assert(door.drainAt() == (endTime == 0 ? DoorFields.NEVER : endTime) && door.unwind() == unwind);
        assert(door.window() == window && door.messageBound() == bound && door.policy() == policy);
        assert(door.sequencing() == sequencing && door.storedStatus() == Status.Active);
        assert(door.count() == 0 && door.pausedUntil() == 0 && door.claimsFrom() == 0);
    }

    function same(Door a, Door b, uint256 from, uint256 width) private pure returns (bool) {
        uint256 mask = ((1 << width) - 1) << from;
        return Door.unwrap(a) & ~mask == Door.unwrap(b) & ~mask;
    }

    function check_doorSetters(uint256 word, uint40 time, uint8 status) external pure {
        vm.assume(time <= DoorFields.NEVER && status <= uint8(type(Status).max));
        Door door = Door.wrap(word);
        assert(door.withDrainAt(time).drainAt() == time && same(door.withDrainAt(time), door, 40, 34));
        assert(door.withPausedUntil(time).pausedUntil() == time);
        assert(same(door.withPausedUntil(time), door, 74, 34));
        assert(uint8(door.withStatus(Status(status)).storedStatus()) == status);
        assert(same(door.withStatus(Status(status)), door, 230, 3));
    }

    function check_doorAfterMessage(uint256 word) external pure {
        Door door = Door.wrap(word);
        vm.assume(door.count() != type(uint40).max);
        assert(door.afterMessage().count() == door.count() + 1);
        assert(same(door.afterMessage(), door, 0, 40));
    }

    // ---------------------------------------------------------------------------------------------------------------- line

    function check_lineOpened(uint256 word, uint96 deposit, uint40 end, bool isAlt) external pure {
        Line line = Line.wrap(word);
        vm.assume(end <= DoorFields.NEVER && line.nonce() != type(uint32).max);
        Line next = line.opened(deposit, end, isAlt);
        assert(next.deposit() == deposit && next.validUntil() == end && next.isAlt() == isAlt);
        assert(next.nonce() == line.nonce() + 1 && next.isPoster() == line.isPoster());
        assert(next.openMatches() == 0);
    }

    function check_lineLost(uint256 word) external pure {
        Line line = Line.wrap(word);
        vm.assume(line.nonce() != type(uint32).max);
        Line next = line.lost();
        assert(next.deposit() == 0 && next.validUntil() == 0 && !next.isAlt() && next.openMatches() == 0);
        assert(next.nonce() == line.nonce() + 1 && next.isPoster() == line.isPoster());
    }

    function check_lineWithdrawn(uint256 word) external pure {
        Line line = Line.wrap(word);
        Line next = line.withdrawn();
        assert(next.deposit() == 0 && next.validUntil() == 0 && !next.isAlt());
        assert(next.nonce() == line.nonce() && next.isPoster() == line.isPoster());
        assert(next.openMatches() == line.openMatches());
    }

    function check_lineMatches(uint256 word) external pure {
        Line line = Line.wrap(word);
        vm.assume(line.openMatches() != type(uint40).max);
        Line next = line.withMatch();
        assert(next.openMatches() == line.openMatches() + 1 && next.nonce() == line.nonce());
        assert(next.deposit() == line.deposit() && next.validUntil() == line.validUntil());
        assert(next.isAlt() == line.isAlt() && next.isPoster() == line.isPoster());
        assert(Line.unwrap(next.withoutMatch()) == word);
    }

    function check_lineSetters(uint256 word, uint40 end, bool isPoster) external pure {
        vm.assume(end <= DoorFields.NEVER);
        Line line = Line.wrap(word);
        Line next = line.withValidUntil(end);
        assert(next.validUntil() == end && next.deposit() == line.deposit() && next.nonce() == line.nonce());
        assert(next.isAlt() == line.isAlt() && next.isPoster() == line.isPoster());
        next = line.withPoster(isPoster);
        assert(
            next.isPoster() == isPoster && next.deposit() == line.deposit() && next.nonce() == line.nonce()
        );
        assert(next.isAlt() == line.isAlt() && next.validUntil() == line.validUntil());
    }

    // --------------------------------------------------------------------------------------------------------------- terms

    function check_terms(
        uint80 deposit,
        uint32 forceDelay,
        uint32 fallbackDelay,
        uint32 maxDormant,
        uint40 claimLife,
        uint32 program
    ) external pure {
        Terms terms = TermsFields.created(deposit, forceDelay, fallbackDelay, maxDormant, claimLife, program);
        assert(terms.deposit() == deposit && terms.forceDelay() == forceDelay);
        assert(terms.fallbackDelay() == fallbackDelay && terms.maxDormant() == maxDormant);
        assert(terms.claimLife() == claimLife && terms.program() == program);
    }
}
