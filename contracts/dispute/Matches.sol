// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Claims} from "../hub/Claims.sol";
import {ClaimTerms, ClaimTermsFields} from "../hub/ClaimTerms.sol";
import {Config} from "../hub/Config.sol";
import {Backing, Times} from "../hub/Entries.sol";
import {HubState} from "../hub/HubState.sol";
import {IRollupHub} from "../hub/IRollupHub.sol";
import {WordHash} from "../hub/WordHash.sol";
import {BootState} from "./BootState.sol";
import {Clock} from "./Clock.sol";
import {IMatches} from "./IMatches.sol";
import {MatchSlot} from "./MatchSlot.sol";
import {MatchTerms, MatchTermsFields} from "./MatchTerms.sol";
import {Opening} from "./Opening.sol";
import {PairTree} from "./PairTree.sol";
import {Position, PositionFields} from "./Position.sol";

/// What every dispute does: open, dissect, collect. How a match ends: `Verdicts`.
library Matches {
    /// See `IMatches.openMatch`.
    function open(
        HubState storage hub,
        Opening calldata opening,
        uint256 blockTime
    ) internal returns (bytes32 matchId) {
        ClaimTerms claim = opening.claim();
        Backing backing = Backing.wrap(opening.backing);
        bytes32 configHash = Config.hashOf(opening.config);
        bytes32 claimKey = Claims.openMatch(
            hub,
            blockTime,
            claim,
            opening.ringSlot(),
            WordHash.digest(opening.headerHash, configHash),
            opening.parent,
            opening.commitment,
            backing,
            Times.wrap(opening.times)
        );
        uint256 bond = Config.bond(opening.config);
        require(msg.value == bond, IMatches.BondWrong(msg.value, bond));

        bytes32[9] memory states;
        states[0] = _start(opening, claim, configHash);
        states[8] = _contradiction(opening, claim.mode(), claimKey);
        bytes32[7] calldata between = opening.states;
        // memory-safe: fills the seven between
        assembly ("memory-safe") {
            calldatacopy(add(states, 0x20), between, 0xe0)
        }
        bytes32 root = PairTree.root(states);
        MatchTerms terms = MatchTermsFields.packed(claim, backing.nonce(), bond);
        matchId = MatchSlot.id(claimKey, terms, opening.codeRoot, backing.asserter(), msg.sender);
        bytes32 place = MatchSlot.placeOf(hub.matches, matchId);
        require(MatchSlot.load(place) == 0, IMatches.MatchExists(matchId));
        Position position = PositionFields.opened(
            Config.logSteps(opening.config),
            Clock.wrap(uint32(Config.clock(opening.config))), // has 32 bits
            Clock.wrap(uint32(Config.extension(opening.config))) // has 32 bits
        );
        MatchSlot.store(place, MatchSlot.live(position, backing.asserter(), msg.sender, root));
        emit IMatches.MatchOpened(
            matchId,
            claim.rollup(),
            backing.asserter(),
            msg.sender,
            claimKey,
            MatchTerms.unwrap(terms),
            Position.unwrap(position),
            states[0],
            opening.states,
            states[8]
        );
    }

    /// See `IMatches.dissect`.
    function dissect(
        HubState storage hub,
        bytes32 matchId,
        address other,
        Position position,
        bytes32 start,
        bytes32 end,
        bytes32[8] calldata states,
        bytes32[3] calldata siblings,
        uint256 blockTime
    ) internal {
        uint256 segment = position.segment();
        require(segment < PositionFields.SEGMENTS, IMatches.SegmentOutOfRange(segment));
        bool isAsserter = position.turn() == PositionFields.ASSERTER;
        address asserter = isAsserter ? msg.sender : other;
        address challenger = isAsserter ? other : msg.sender;
        bytes32 place = MatchSlot.placeOf(hub.matches, matchId);
        {
            bytes32 root = PairTree.rootOf(start, end, segment, siblings);
            uint256 slot = MatchSlot.load(place);
            uint256 computed = MatchSlot.live(position, asserter, challenger, root);
            if (slot != computed)
                _refuse(matchId, slot, computed, MatchSlot.live(position, challenger, asserter, root), other);
        }
        require(position.log2len() != 0, IMatches.StepReached(matchId));
        uint256 ticks = requireInTime(position, blockTime);
        require(states[7] != end, IMatches.EndUndisputed(end));

        bytes32[9] memory joined;
        joined[0] = start;
        // memory-safe: fills the other eight
        assembly ("memory-safe") {
            calldatacopy(add(joined, 0x20), states, 0x100)
        }
        position = position.moved(ticks);
        MatchSlot.store(place, MatchSlot.live(position, asserter, challenger, PairTree.root(joined)));
        emit IMatches.MatchMoved(matchId, Position.unwrap(position), states);
    }

    /// See `IMatches.collect`.
    function collect(HubState storage hub, bytes32 matchId, address to) internal {
        uint256 slot = hub.matches[matchId];
        require(MatchSlot.isPayout(slot), IMatches.PayoutMissing(matchId));
        address payee = MatchSlot.payeeOf(slot);
        require(msg.sender == payee, IMatches.PayeeWrong(msg.sender, payee));
        require(to != address(0), IRollupHub.ReceiverZero());
        uint256 amount = MatchSlot.amountOf(slot);
        hub.matches[matchId] = MatchSlot.PAID;
        emit IMatches.MatchPaid(matchId, to, amount);
        (bool paid, ) = to.call{value: amount}("");
        require(paid, IRollupHub.PaymentFailed(to, amount));
    }

    /// Checks that the side in turn has time left. Returns the ticks since the last move.
    function requireInTime(Position position, uint256 blockTime) internal view returns (uint256 ticks) {
        ticks = position.lastMove().ticksSince(blockTime);
        Clock clock = position.clockInTurn();
        require(!clock.isExpired(ticks), IMatches.ClockExpired(ticks, Clock.unwrap(clock)));
    }

    /// Says why a slot isn't the one that the caller's move starts from.
    /// @param exchanged the same state with the sides exchanged: then the caller is the side that waits
    function _refuse(
        bytes32 matchId,
        uint256 slot,
        uint256 computed,
        uint256 exchanged,
        address other
    ) private view {
        require(slot != 0, IMatches.MatchUnknown(matchId));
        require(MatchSlot.isLive(slot), IMatches.MatchOver(matchId));
        require(slot != exchanged, IMatches.TurnWrong(msg.sender, other));
        revert IMatches.MatchStateWrong(bytes32(computed), bytes32(slot));
    }

    /// Returns the hash of the program's first state on the batch's input.
    function _start(
        Opening calldata opening,
        ClaimTerms claim,
        bytes32 configHash
    ) private view returns (bytes32) {
        bytes32 program = WordHash.digest(opening.codeRoot, opening.memoryRoot, opening.entry);
        require(
            program == Config.program(opening.config),
            IMatches.ProgramMismatch(program, Config.program(opening.config))
        );
        return
            BootState.hash(
                opening.memoryRoot,
                opening.entry,
                BootState.inputHash(
                    claim.rollup(),
                    claim.index(),
                    opening.parent,
                    opening.headerHash,
                    configHash
                )
            );
    }

    /// Returns the hash of the final state, which must contradict the claim.
    /// @dev NORMAL says: exited with this commitment. SKIP says: not exited, or with zero. Computed, not taken: else a true trace could hide a
    /// false result.
    function _contradiction(
        Opening calldata opening,
        uint256 mode,
        bytes32 claimKey
    ) private pure returns (bytes32 hash) {
        bool hasExited;
        bytes32 output;
        (hash, hasExited, output) = BootState.read(opening.finalState);
        bool holds =
            mode == ClaimTermsFields.NORMAL
                ? hasExited && output == opening.commitment
                : !(hasExited && output != 0);
        require(!holds, IMatches.ClaimConfirmed(claimKey));
    }
}
