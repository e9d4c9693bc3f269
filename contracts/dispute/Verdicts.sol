// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Claims} from "../hub/Claims.sol";
import {ClaimTerms} from "../hub/ClaimTerms.sol";
import {HubState} from "../hub/HubState.sol";
import {Lines} from "../hub/Lines.sol";
import {IMachine} from "../machine/IMachine.sol";
import {ILineBacking} from "../staking/ILineBacking.sol";
import {Clock} from "./Clock.sol";
import {IMatches} from "./IMatches.sol";
import {Matches} from "./Matches.sol";
import {MatchSlot} from "./MatchSlot.sol";
import {MatchState} from "./MatchState.sol";
import {MatchTerms} from "./MatchTerms.sol";
import {PairTree} from "./PairTree.sol";
import {Position, PositionFields} from "./Position.sol";

/// What a match's end needs of the hub.
struct Court {
    IMachine machine;
    ILineBacking vault;
    address treasury;
    uint256 blockTime; // τ [s]
}

/// How a match ends: at one instruction, by a clock, or because its claim fell elsewhere. And what each side gets.
/// @dev The slot and the line change before anybody is called; nobody is paid in passing.
library Verdicts {
    /// See `IMatches.settle`.
    function settle(
        HubState storage hub,
        Court memory court,
        MatchState calldata state,
        bytes calldata witness,
        bytes32 start,
        bytes32 end,
        bytes32[3] calldata siblings
    ) external {
        Position position = Position.wrap(state.position);
        uint256 segment = position.segment();
        require(segment < PositionFields.SEGMENTS, IMatches.SegmentOutOfRange(segment));
        bytes32 matchId = _requireState(hub, state, PairTree.rootOf(start, end, segment, siblings));
        _requireObject(hub, state);
        address mover = position.turn() == PositionFields.ASSERTER ? state.asserter : state.challenger;
        require(msg.sender == mover, IMatches.TurnWrong(msg.sender, mover));
        require(position.log2len() == 0, IMatches.StepNotReached(position.log2len()));
        Matches.requireInTime(position, court.blockTime);

        (bytes32 before, bytes32 afterwards) = court.machine.step(state.codeRoot, witness);
        require(before == start, IMatches.StepStartWrong(before, start));
        require(afterwards != end, IMatches.StepConfirmed(afterwards));
        _conclude(hub, court, state, matchId, position.turn());
    }

    /// See `IMatches.timeOut`.
    function timeOut(
        HubState storage hub,
        Court memory court,
        MatchState calldata state,
        bytes32 root
    ) external {
        bytes32 matchId = _requireState(hub, state, root);
        _requireObject(hub, state);
        Position position = Position.wrap(state.position);
        uint256 ticks = position.lastMove().ticksSince(court.blockTime);
        Clock clock = position.clockInTurn();
        require(clock.isExpired(ticks), IMatches.ClockRunning(ticks, Clock.unwrap(clock)));
        bool isAssertersTurn = position.turn() == PositionFields.ASSERTER;
        _conclude(
            hub,
            court,
            state,
            matchId,
            isAssertersTurn ? PositionFields.CHALLENGER : PositionFields.ASSERTER
        );
    }

    /// See `IMatches.dropMatch`.
    function drop(HubState storage hub, MatchState calldata state, bytes32 root) external {
        bytes32 matchId = _requireState(hub, state, root);
        MatchTerms terms = MatchTerms.wrap(state.terms);
        require(_lineNonce(hub, state) != terms.nonce(), IMatches.MatchAlive(matchId));
        hub.matches[matchId] = MatchSlot.payout(state.challenger, terms.bond());
        emit IMatches.MatchDropped(matchId, state.challenger, terms.bond());
    }

    /// Ends a match for one side.
    /// The asserter gets half the bond. The challenger gets his bond and as much again from the deposit, as far as there is any (the line may be
    /// released by now); the stake is slashed for nobody's profit. The rest is burned: it stays here.
    function _conclude(
        HubState storage hub,
        Court memory court,
        MatchState calldata state,
        bytes32 matchId,
        uint256 winner
    ) private {
        MatchTerms terms = MatchTerms.wrap(state.terms);
        uint256 bond = terms.bond();
        if (winner == PositionFields.ASSERTER) {
            Claims.endMatch(hub, terms.claim().rollup(), state.asserter);
            hub.matches[matchId] = MatchSlot.payout(state.asserter, bond / 2);
            emit IMatches.MatchWon(matchId, state.asserter, bond / 2, bond - bond / 2);
            return;
        }
        ClaimTerms claim = terms.claim();
        (uint256 deposit, uint256 due) = Lines.lose(
            hub.rollups[claim.rollup()],
            claim.rollup(),
            state.asserter
        );
        uint256 reward = deposit < bond ? deposit : bond;
        hub.matches[matchId] = MatchSlot.payout(state.challenger, bond + reward);
        emit IMatches.MatchWon(matchId, state.challenger, bond + reward, deposit - reward);
        if (due != 0) Lines.slash(hub, state.asserter, due, court.vault, court.treasury, Lines.SLASH_GAS);
    }

    /// Checks that a live match has this state. Returns its id.
    function _requireState(
        HubState storage hub,
        MatchState calldata state,
        bytes32 root
    ) private view returns (bytes32 matchId) {
        matchId = MatchSlot.id(
            state.claimKey,
            MatchTerms.wrap(state.terms),
            state.codeRoot,
            state.asserter,
            state.challenger
        );
        uint256 slot = hub.matches[matchId];
        require(slot != 0, IMatches.MatchUnknown(matchId));
        require(MatchSlot.isLive(slot), IMatches.MatchOver(matchId));
        uint256 computed = MatchSlot.live(
            Position.wrap(state.position),
            state.asserter,
            state.challenger,
            root
        );
        require(slot == computed, IMatches.MatchStateWrong(bytes32(computed), bytes32(slot)));
    }

    /// Checks that the match still has an object: nobody else took the asserter's backing away.
    function _requireObject(HubState storage hub, MatchState calldata state) private view {
        uint256 nonce = MatchTerms.wrap(state.terms).nonce();
        uint256 lineNonce = _lineNonce(hub, state);
        require(nonce == lineNonce, IMatches.MatchObjectless(state.asserter, nonce, lineNonce));
    }

    function _lineNonce(HubState storage hub, MatchState calldata state) private view returns (uint256) {
        ClaimTerms claim = MatchTerms.wrap(state.terms).claim();
        return hub.rollups[claim.rollup()].lines[state.asserter].nonce();
    }
}
