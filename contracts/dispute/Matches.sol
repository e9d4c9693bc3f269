// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Claims} from "../hub/Claims.sol";
import {ClaimTerms, ClaimTermsFields} from "../hub/ClaimTerms.sol";
import {Config} from "../hub/Config.sol";
import {Backing, Times} from "../hub/Entries.sol";
import {HubState} from "../hub/HubState.sol";
import {WordHash} from "../hub/WordHash.sol";
import {BootState} from "./BootState.sol";
import {Clock} from "./Clock.sol";
import {IMatches} from "./IMatches.sol";
import {MatchSlot} from "./MatchSlot.sol";
import {MatchTerms, MatchTermsFields} from "./MatchTerms.sol";
import {Opening} from "./Opening.sol";
import {PairTree} from "./PairTree.sol";
import {Position, PositionFields} from "./Position.sol";

/// The moves of a match that every dispute makes: opening and dissecting. How it ends: `Verdicts`.
library Matches {
    /// See `IMatches.openMatch`.
    function open(
        HubState storage hub,
        Opening calldata opening,
        uint256 blockTime
    ) internal returns (bytes32 matchId) {
        ClaimTerms terms = ClaimTerms.wrap(opening.terms);
        Backing backing = Backing.wrap(opening.backing);
        bytes32 configHash = Config.hashOf(opening.config);
        bytes32 claimKey = Claims.openMatch(
            hub,
            blockTime,
            terms,
            WordHash.digest(opening.headerHash, configHash),
            opening.parent,
            opening.commitment,
            backing,
            Times.wrap(opening.times)
        );

        uint256 bond = Config.bond(opening.config);
        require(msg.value == bond, IMatches.BondWrong(msg.value, bond));
        bytes32[9] memory states;
        states[0] = _start(opening, configHash);
        states[8] = _contradiction(opening, claimKey);
        for (uint256 i = 0; i < 7; ++i) states[i + 1] = opening.states[i];

        address asserter = backing.asserter();
        MatchTerms matchTerms = MatchTermsFields.packed(terms, backing.nonce(), bond);
        matchId = MatchSlot.id(claimKey, matchTerms, opening.codeRoot, asserter, msg.sender);
        require(hub.matches[matchId] == 0, IMatches.MatchExists(matchId));

        Position position = PositionFields.opened(
            Config.logSteps(opening.config),
            Clock.wrap(uint32(Config.clock(opening.config))), // has 32 bits
            Clock.wrap(uint32(Config.extension(opening.config))) // has 32 bits
        );
        hub.matches[matchId] = MatchSlot.live(position, asserter, msg.sender, PairTree.root(states));
        _emitOpened(matchId, opening, claimKey, matchTerms, asserter, position, states);
    }

    /// See `IMatches.dissect`.
    function dissect(
        HubState storage hub,
        bytes32 matchId,
        Position position,
        address other,
        bytes32 start,
        bytes32 end,
        bytes32[3] calldata siblings,
        bytes32[8] calldata states,
        uint256 blockTime
    ) internal {
        uint256 segment = position.segment();
        require(segment < PositionFields.SEGMENTS, IMatches.SegmentOutOfRange(segment));
        bytes32 root = PairTree.rootOf(start, end, segment, siblings);
        (address asserter, address challenger) = MatchSlot.sides(position, msg.sender, other);
        requireState(
            matchId,
            hub.matches[matchId],
            MatchSlot.live(position, asserter, challenger, root),
            MatchSlot.live(position, challenger, asserter, root),
            other
        );
        require(position.log2len() != 0, IMatches.StepReached(matchId));
        uint256 ticks = requireInTime(position, blockTime);
        require(states[7] != end, IMatches.EndUndisputed(end));

        position = position.moved(ticks);
        hub.matches[matchId] = MatchSlot.live(
            position,
            asserter,
            challenger,
            PairTree.root(_joined(start, states))
        );
        emit IMatches.MatchMoved(matchId, Position.unwrap(position), segment, states);
    }

    /// Checks that a slot holds the state computed for the caller as the side in turn.
    /// @param exchanged the same with the sides exchanged: then the caller is the side that waits
    function requireState(
        bytes32 matchId,
        uint256 slot,
        uint256 computed,
        uint256 exchanged,
        address other
    ) internal view {
        if (slot == computed) return;
        require(slot != 0, IMatches.MatchUnknown(matchId));
        require(MatchSlot.isLive(slot), IMatches.MatchOver(matchId));
        require(slot != exchanged, IMatches.TurnWrong(msg.sender, other));
        revert IMatches.MatchStateWrong(bytes32(computed), bytes32(slot));
    }

    /// Checks that the side in turn has time left. Returns the ticks since the last move.
    function requireInTime(Position position, uint256 blockTime) internal view returns (uint256 ticks) {
        ticks = position.lastMove().ticksSince(blockTime);
        Clock clock = position.clockInTurn();
        require(!clock.isExpired(ticks), IMatches.ClockExpired(ticks, Clock.unwrap(clock)));
    }

    /// Returns the hash of the program's first state on the batch's input.
    function _start(Opening calldata opening, bytes32 configHash) private view returns (bytes32) {
        bytes32 program = WordHash.digest(opening.codeRoot, opening.memoryRoot, opening.entry);
        require(
            program == Config.program(opening.config),
            IMatches.ProgramMismatch(program, Config.program(opening.config))
        );
        ClaimTerms terms = ClaimTerms.wrap(opening.terms);
        bytes32 inputHash = keccak256(
            abi.encode(
                block.chainid,
                address(this),
                terms.rollup(),
                terms.index(),
                opening.parent,
                opening.headerHash,
                configHash
            )
        );
        return BootState.hash(opening.memoryRoot, opening.entry, inputHash);
    }

    /// Returns the hash of the final state, which must contradict the claim.
    /// @dev NORMAL says: exited with this commitment. SKIP says: not exited, or with zero. Computed, not taken: else a true trace could hide a
    /// false result.
    function _contradiction(Opening calldata opening, bytes32 claimKey) private pure returns (bytes32 hash) {
        bool hasExited;
        bytes32 output;
        (hash, hasExited, output) = BootState.read(opening.finalState);
        bool holds =
            ClaimTerms.wrap(opening.terms).mode() == ClaimTermsFields.NORMAL
                ? hasExited && output == opening.commitment
                : !(hasExited && output != 0);
        require(!holds, IMatches.ClaimConfirmed(claimKey));
    }

    function _joined(
        bytes32 start,
        bytes32[8] calldata states
    ) private pure returns (bytes32[9] memory joined) {
        joined[0] = start;
        assembly ("memory-safe") {
            calldatacopy(add(joined, 0x20), states, 0x100)
        }
    }

    function _emitOpened(
        bytes32 matchId,
        Opening calldata opening,
        bytes32 claimKey,
        MatchTerms terms,
        address asserter,
        Position position,
        bytes32[9] memory all
    ) private {
        bytes32[8] memory states;
        for (uint256 i = 0; i < 8; ++i) states[i] = all[i + 1];
        emit IMatches.MatchOpened(
            matchId,
            ClaimTerms.wrap(opening.terms).rollup(),
            asserter,
            msg.sender,
            claimKey,
            MatchTerms.unwrap(terms),
            opening.codeRoot,
            Position.unwrap(position),
            all[0],
            states
        );
    }
}
