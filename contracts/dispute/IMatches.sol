// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {MatchState} from "./MatchState.sol";
import {Opening} from "./Opening.sol";

/// Matches: one asserter, one challenger, one claim. They narrow two runs of the program down to one instruction, by eight a move, and the machine
/// decides it.
///
/// @dev A match is one storage slot; who moves sends its preimage back (docs/encodings/claims.md). At any time *its start is agreed and its end
/// disputed* in the segment that a mover may choose, whichever side is honest. Any number of matches may run against one claim.
///
/// Clocks run in ticks (`IRollupHub`). Deadlines are inclusive: a move on the last tick counts.
///
/// Safety: trusts the machine to execute, and governance to list programs whose code root lies in their memory. Liveness: an honest side moves
/// within its clock and has every preimage of its run. Bonds are native coins; what is burned stays in the hub for good, nobody can take it.
interface IMatches {
    /// Emitted when a match opens. The asserter moves next.
    /// @param start the program's first state on the batch's input
    /// @param states s0 … s6 of the challenger, after 1/8 … 7/8 of the run
    /// @param end s7, the hash of his final state
    event MatchOpened(
        bytes32 indexed matchId,
        RollupId indexed rollup,
        address asserter,
        address challenger,
        bytes32 claimKey,
        bytes32 terms,
        bytes32 position,
        bytes32 start,
        bytes32[7] states,
        bytes32 end
    );
    /// Emitted when a side moves: of the eight segments the one in the lowest byte of `position` is disputed, and these are the mover's states in it.
    /// @param position after the move
    event MatchMoved(bytes32 indexed matchId, bytes32 position, bytes32[8] states);
    /// Emitted when a match ends.
    /// @param payout waits for `collect` [wei]
    /// @param burned of bond and deposit [wei]
    event MatchWon(bytes32 indexed matchId, address indexed winner, uint256 payout, uint256 burned);
    /// Emitted when a match has lost its object, another took the asserter's backing away: the bond goes back.
    event MatchDropped(bytes32 indexed matchId, address indexed challenger, uint256 payout);
    /// Emitted when a payout is collected [wei].
    event MatchPaid(bytes32 indexed matchId, address indexed to, uint256 amount);

    /// Raised when a match is opened with another bond than the record's B [wei]. Send exactly `bond`.
    error BondWrong(uint256 value, uint256 bond);
    /// Raised when code root, memory root and entry don't hash to the program of the config. Take the three from `ProgramAdded`, and the
    /// config's words from the rollup's `Created` event.
    error ProgramMismatch(bytes32 computed, bytes32 expected);
    /// Raised when the final state confirms the claim. Challenge only what your own run contradicts.
    error ClaimConfirmed(bytes32 claimKey);
    /// Raised when the challenger has, or had, a match against this very claim of this asserter. Play or collect that one; another account
    /// may open its own.
    error MatchExists(bytes32 matchId);
    /// Raised when no match has this id: it was never opened, or the preimage given is of another. Take matchId, sides and terms from
    /// `MatchOpened`.
    error MatchUnknown(bytes32 matchId);
    /// Raised when the match is over. Nothing more to move: the winner calls `collect`.
    error MatchOver(bytes32 matchId);
    /// Raised when what was sent isn't the match's state: somebody moved since. Take it from the last event.
    error MatchStateWrong(bytes32 computed, bytes32 stored);
    /// Raised when the other side is in turn. Wait for its move, or for its clock to run out, and call `timeOut` then.
    error TurnWrong(address caller, address inTurn);
    /// Raised when the segment, the lowest byte of the position, isn't one of 0 … 7. Name the segment in which the runs part.
    error SegmentOutOfRange(uint256 segment);
    /// Raised when the mover's clock had run out [ticks]. Nothing can be moved any more: the other side wins by `timeOut`.
    error ClockExpired(uint256 ticks, uint256 clock);
    /// Raised when a time-out comes before the clock of the side in turn has run out [ticks]. Call again when more than `clock` ticks have
    /// passed since the last move.
    error ClockRunning(uint256 ticks, uint256 clock);
    /// Raised when the mover's last state is the one he says he disputes. Choose the segment whose end differs.
    error EndUndisputed(bytes32 state);
    /// Raised when the segments of the match are single steps, which can't be dissected. Call `settle` with the step's witness.
    error StepReached(bytes32 matchId);
    /// Raised when a match is settled whose segments are still 2^log2len steps long. Call `dissect` until they are single steps.
    error StepNotReached(uint256 log2len);
    /// Raised when the witness is of another state than the one in which the segment starts. Build the witness of the very state that
    /// `start` is the hash of.
    error StepStartWrong(bytes32 actual, bytes32 expected);
    /// Raised when the step ends where the other side says, so that there is nothing to win with it. Check your emulator: the other side is
    /// right about this step; another segment of the eight may be wrong.
    error StepConfirmed(bytes32 state);
    /// Raised when the asserter's backing was lost elsewhere, and the match has no object any more. Call `dropMatch`, which gives the
    /// challenger his bond back.
    error MatchObjectless(address asserter, uint256 nonce, uint256 lineNonce);
    /// Raised when a match is dropped whose claim is still backed. Play it on by `dissect` or `settle`, or end it by `timeOut`.
    error MatchAlive(bytes32 matchId);
    /// Raised when the match has nothing to pay: it is still played, was collected, or never existed. Look at `matchOf`, and collect after
    /// `MatchWon` or `MatchDropped`.
    error PayoutMissing(bytes32 matchId);
    /// Raised when somebody else than the match's payee collects. Call from `payee`; it may send the coins wherever it likes.
    error PayeeWrong(address caller, address payee);

    /// Challenges a claim within its window, with B as bond. Anyone may, once per claim and asserter; final or not, retired or not.
    /// @dev The hub computes the first state and hashes the last, which must contradict the claim. The asserter is in turn, each clock is C.
    /// @dev Warning: bond only after two independent emulators agree on the run. Whoever opens a match he can't win loses B.
    /// @dev Warning: rely on matches of your own alone. Another's match holds up the whole line, but an accomplice of the asserter may lose it on
    /// purpose, once the windows are over.
    function openMatch(Opening calldata opening) external payable returns (bytes32 matchId);

    /// Moves: says in which segment the runs part, and gives one's own eight states within it.
    /// @dev The side in turn only, within its clock, which then has what is left or E, whichever is more.
    /// @param other the side that waits
    /// @param position `Position` with the segment in its lowest byte
    /// @param start, end of the segment
    /// @param states the last one must differ from `end`
    /// @param siblings of the segment in the tree of pairs, lowest first
    function dissect(
        bytes32 matchId,
        address other,
        bytes32 position,
        bytes32 start,
        bytes32 end,
        bytes32[8] calldata states,
        bytes32[3] calldata siblings
    ) external;

    /// Wins: shows that one instruction leads elsewhere than the other side says.
    /// @dev The side in turn only, within its clock, once segments are single steps. Needs 260,000 gas more than it uses if stake is slashed.
    /// @param witness of the step from `start` (docs/encodings/machine.md)
    function settle(
        MatchState calldata state,
        bytes calldata witness,
        bytes32 start,
        bytes32 end,
        bytes32[3] calldata siblings
    ) external;

    /// Ends a match whose side in turn let its clock run out: the other side wins. Anyone may.
    /// @dev Needs 260,000 gas more than it uses if stake is slashed.
    /// @param root of the tree of pairs
    function timeOut(MatchState calldata state, bytes32 root) external;

    /// Ends a match whose claim has lost its backing elsewhere: the challenger gets his bond back. Anyone may.
    function dropMatch(MatchState calldata state, bytes32 root) external;

    /// Pays what a match owes its winner. He only, to wherever he likes.
    function collect(bytes32 matchId, address to) external;

    /// Returns a match's slot: 0 none, 1 over and paid, `2 ‖ amount u80 ‖ payee` over, else 2^255 | the hash of its state.
    function matchOf(bytes32 matchId) external view returns (uint256);
}
