// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IMatches} from "../dispute/IMatches.sol";
import {IInbox} from "./IInbox.sol";
import {LineView} from "./LineView.sol";
import {Chain, Lifetime, Security} from "./Parameters.sol";
import {Progress} from "./Progress.sol";
import {Record} from "./Record.sol";
import {RollupId} from "./RollupId.sol";

/// Every rollup of a settlement chain: its record, its messages, its batches, the claims about them and its life.
///
/// @dev A rollup is a record, not a deployment. Ordering is final when posted; only what a batch's result is can be
/// disputed. Words that are packed on the hot path (`post`, `claim`, `finalize`) and the entries that claims are kept as are
/// drawn in docs/encodings/claims.md, storage in docs/storage.md.
///
/// Safety: a commitment becomes final only if it was claimed against a line that is still backed, its window has passed
/// and no match against it is open; trust in the machine and the dispute contracts is all that takes.
/// Liveness: nobody can stop messages, posting (after `forceDelay`), claims, finalisation, retirement or escape; the owner
/// can pause deposits for at most 7 of any 14 days.
/// The vault is trusted to reserve and slash; if it refuses to slash, the debt waits in `slashDue` and nothing else stops.
///
/// Time: windows and clocks run in *ticks*: min(seconds, 4 · blockTime · blocks), so that a halted settlement chain takes
/// nobody's time. What is given in seconds runs in seconds.
interface IRollupHub is IInbox, IMatches {
    // ------------------------------------------------------------------------------------------------------- create

    /// Emitted when a rollup is created. With `ProgramAdded` it holds all that its config is made of.
    event Created(
        RollupId indexed rollup,
        address indexed owner,
        bytes32 indexed program,
        Chain chain,
        Security security,
        Lifetime lifetime
    );

    /// Raised when a program or module isn't in the catalogue, or was marked obsolete. Take one that is listed.
    error ProgramUnknown(bytes32 program);
    error ProgramObsolete(bytes32 program);
    error ModuleUnknown(address module);
    error ModuleObsolete(address module);
    /// Raised when a module stands where another kind is needed (1 availability, 2 sequencing).
    error ModuleKindWrong(address module, uint8 kind, uint8 needed);
    /// Raised when `single` has no sequencer or another module has one.
    error SequencerMisplaced(address sequencing, address sequencer);
    /// Raised when messageBound is 0 or above 4,095, or messageBound · messageGas exceeds the program's batch gas.
    error MessageBudgetExceeded(uint256 messageBound, uint256 messageGas, uint256 batchGas);
    /// Raised when gas has a price and no account earns the fees. Name a fee recipient, or set the price to 0.
    error FeeRecipientMissing(uint256 gasPrice);
    /// Raised when messageGas is 0.
    error MessageGasMissing();
    /// Raised when the hub has no module for a bit of the mask, or the threshold isn't in 1 … the number of its bits.
    error PolicyUnsupported(uint16 policy);
    /// Raised when E < 20 block times; a side could not answer in time.
    error ExtensionTooShort(uint256 extension, uint256 least);
    /// Raised when C < 4E.
    error ClockTooShort(uint256 clock, uint256 least);
    /// Raised when W < 2C or W > 60 days.
    error WindowOutOfRange(uint256 window, uint256 least, uint256 most);
    /// Raised when B doesn't pay for a challenger's gas: 1.2 M gas at the hub's bond gas price.
    error BondTooSmall(uint256 bond, uint256 least);
    /// Raised when D < 2B or D ≥ 2^80.
    error DepositOutOfRange(uint256 deposit, uint256 least, uint256 most);
    /// Raised when X is 0 or ≥ 2^95.
    error SlashOutOfRange(uint256 slash, uint256 most);
    /// Raised when forceDelay < 20 block times or > 30 days.
    error ForceDelayOutOfRange(uint256 forceDelay, uint256 least, uint256 most);
    /// Raised when endTime isn't 0 and has passed or is beyond 2^34 − 2.
    error EndTimeOutOfRange(uint256 endTime, uint256 least, uint256 most);
    /// Raised when unwind > 90 days.
    error UnwindTooLong(uint256 unwind, uint256 most);
    /// Raised when ringLog2 isn't in 4 … 12.
    error RingOutOfRange(uint256 ringLog2, uint256 least, uint256 most);
    /// Raised when outsiders would have to wait longer for room in the ring than forceDelay: (W + T_match) / 2^(ringLog2 − 2). Take a larger ring.
    error RingTooSmall(uint256 outsiderGap, uint256 forceDelay);
    /// Raised when the hub is deployed with a block time of 0.
    error BlockTimeZero();
    /// Raised when the hub is deployed with a bridge that was made for another. Deploy both anew, with nothing between.
    error BridgeForeign(address bridge);

    /// Creates a rollup. Anyone may; the parameters decide who owns it, `lifetime.owner = 0` nobody.
    /// @dev Of a wrong set the first problem is raised. Everything but sequencer and end is fixed for its life.
    /// @return rollup its id; its L2 chain id is `record(rollup).l2ChainId`
    function create(
        Chain calldata chain,
        Security calldata security,
        Lifetime calldata lifetime
    ) external returns (RollupId rollup);

    // ------------------------------------------------------------------------------------------------------ messages

    /// Emitted for each message, with its bytes: `version ‖ kind ‖ sender ‖ body`.
    event MessageEnqueued(RollupId indexed rollup, uint64 indexed index, bytes message);

    /// Raised when a message is longer than 4,096 bytes, its 22-byte head included.
    error MessageTooLong(uint256 length, uint256 most);
    /// Raised when the rollup takes no (more) messages: it doesn't exist, or its end has come so far.
    error MessagesClosed(RollupId rollup);
    /// Raised when the rollup takes no deposits now: it isn't Active, or its owner paused them (until when). Keep the asset or wait.
    error DepositsClosed(RollupId rollup, uint256 pausedUntil);
    /// Raised when somebody else than the bridge deposits. Call the bridge.
    error CallerNotBridge(address caller);

    /// Enqueues a transaction signed for the rollup; the next batches must consume it, in order. Nobody can censor it
    /// without the posting opening to everyone.
    /// @dev Anyone, for anyone's transaction; open until `unwind` after Draining began. Pausing doesn't stop it.
    function force(RollupId rollup, bytes calldata signedTransaction) external returns (uint64 index);

    /// Enqueues an unsigned transaction of the caller.
    /// @dev As `force`; the program knows the sender by the message.
    function call(RollupId rollup, bytes calldata transaction) external returns (uint64 index);

    // ------------------------------------------------------------------------------------------------------- posting

    /// Emitted when a batch is posted. The terms word (it holds index, target, L1 block, time, flags, mode), `parent` and
    /// `commitment` are those of the call; commitment 0 means that no claim came with it.
    /// @param nonce of the poster's line, which its claim is backed by
    /// @dev The batch's ring entry follows from this event, its block and the event before (docs/encodings/claims.md). The data
    /// stands in the transaction's calldata, which is a call of `post`.
    event Posted(
        RollupId indexed rollup,
        address indexed poster,
        bytes32 terms,
        bytes32 batchHash,
        bytes32 parent,
        bytes32 commitment,
        uint32 nonce
    );

    /// Raised when a packed word has bits where it must have none, or an enum out of range. Encode it as the layout says.
    error WordMalformed(bytes32 word);
    /// Raised when the batch isn't the next one: it was posted already, or another is missing. Read `progress`, build anew.
    error BatchIndexWrong(uint256 index, uint256 next);
    /// Raised when the rollup takes no batches: it doesn't exist, or is Retired or Escaped.
    error PostingClosed(RollupId rollup);
    /// Raised when the caller isn't admitted by the sequencing module, and posting isn't open to everyone (yet).
    error PosterNotAdmitted(address poster, uint256 openFrom);
    /// Raised when the caller may post, but not so soon after the last batch.
    error PostedTooSoon(uint256 time, uint256 earliest);
    /// Raised when the ring has no room for the caller: wait until a batch is final.
    error RingFull(uint256 pending, uint256 most);
    /// Raised when an outsider's batch carries data and he has no valid ALT line here, or the message door has closed. Set the message-only flag.
    error MessageOnlyRequired(address poster);
    /// Raised when a message-only batch carries data.
    error DataUnexpected(uint256 length);
    /// Raised when a batch carries the sweep flag though not every message is its target (or the door is open), or lacks it.
    error SweepFlagWrong(bool isSet, bool isNeeded);
    /// Raised when the batch's target is neither the due nor the head, or is too far: exactly `due` (or the next mark, if given) or the head is right.
    error TargetWrong(uint256 target, uint256 due, uint256 head);
    /// Raised when the L1 block is older than the last batch's, unknown, or not among the last 256.
    error L1BlockUnusable(uint256 l1Number, uint256 least);
    /// Raised when the timestamp falls, lies ahead or more than one hour back.
    error TimestampOutOfRange(uint256 timestamp, uint256 least, uint256 most);
    /// Raised when header and config don't hash to what the poster expects: a reorg changed a message or the L1 block. Build anew.
    error BatchHashMismatch(bytes32 computed, bytes32 expected);
    /// Raised when the data is more than 768 chunks of 4 KiB.
    error DataTooLong(uint256 length, uint256 most);
    /// Raised when data comes from a contract: then it isn't in the transaction's calldata, where nodes look. Post from an account without code.
    error DataNotInTransaction(address poster);

    /// Appends a batch and, unless commitment is 0, the poster's claim about its result.
    /// @dev Whom the sequencing module admits; everyone else `forceDelay` after the last batch, forceDelay/16 after one whose
    /// target fell short of its due, at once after a final SKIP, and forceDelay after the door closed; but outsiders'
    /// batches carry no data unless they have an ALT line. Resending is idempotent: the index is in the word.
    /// @param terms `rollup u64 ‖ index u32 ‖ target u40 ‖ l1Number u40 ‖ timestamp u40 ‖ flags u8 ‖ mode u8 ‖ zero u24`
    /// @param batchHash what the poster built; it pins the whole header and the config

    /// @param data batch data; empty if message-only
    /// @param parent commitment the claim builds on (0 without a claim)
    /// @param commitment what the claim says follows (0: no claim)
    function post(
        bytes32 terms,
        bytes32 batchHash,
        bytes calldata data,
        bytes32 parent,
        bytes32 commitment
    ) external;

    // -------------------------------------------------------------------------------------------------------- claims

    /// Emitted when a claim gets an entry of its own (a claim that came with its batch is in `Posted`).
    event Claimed(
        RollupId indexed rollup,
        uint64 indexed index,
        address indexed asserter,
        bytes32 batchHash,
        bytes32 parent,
        bytes32 commitment,
        uint8 mode,
        uint32 nonce
    );
    /// Emitted when a commitment becomes final.
    /// @param asserter whose claim it was
    event Finalized(
        RollupId indexed rollup,
        uint64 indexed index,
        bytes32 commitment,
        uint8 mode,
        address asserter
    );

    /// Raised when the index isn't pending: it is final already, or wasn't posted yet.
    error ClaimIndexWrong(uint256 index, uint256 finalIndex, uint256 posted);
    /// Raised when the ring holds another entry than the given preimage. Take it from `Posted`.
    error EntryMismatch(uint256 computed, uint256 stored);
    /// Raised when a claim is of the zero commitment, which no run can have.
    error CommitmentZero();
    /// Raised when a SKIP claim's commitment isn't its parent.
    error SkipCommitmentForeign(bytes32 commitment, bytes32 parent);
    /// Raised when the claimant has no line that can claim now: open or refresh one.
    error LineInvalid(address key, uint256 validUntil);
    /// Raised when a bond line claims a batch posted less than a day ago.
    error BondLineTooEarly(uint256 time, uint256 earliest);
    /// Raised when the claimant's own claim of the same still stands: it needs no other.
    error ClaimStands(bytes32 claimKey, address asserter, uint32 nonce);
    /// Raised when a match is opened against a claim whose asserter lost his backing already.
    error ClaimUnbacked(address asserter, uint32 nonce);
    /// Raised when a match is opened against a claim whose window has passed.
    error WindowOver(uint256 ticks, uint256 window);
    /// Raised when guardians delay new claims until then.
    error ClaimsDelayed(uint256 until);
    /// Raised when a commitment lacks the bits its policy wants: unbacked, its window is still open, or a match is.
    error NotFinalizable(uint256 bits, uint256 policy);

    /// Claims what a posted batch's result is, backed by the caller's line. Others may claim the same or something else.
    /// @dev A claim on a false parent harms only its author. If the caller's claim of the same is unbacked (he lost a match), this is a new one.
    /// @param terms `rollup u64 ‖ index u32 ‖ mode u8 ‖ zero u152`
    /// @param entry the ring entry's preimage
    function claim(bytes32 terms, bytes32 parent, bytes32 commitment, bytes32[4] calldata entry) external;

    /// Makes the next commitment final. Anyone may.
    /// @param terms `rollup u64 ‖ index u32 ‖ mode u8 ‖ place u8 ‖ zero u144`; place 0: the claim came with its batch, 1: on its own
    /// @param backing, times words 2 and 3 of the claim's entry
    function finalize(
        bytes32 terms,
        bytes32 batchHash,
        bytes32 commitment,
        bytes32 backing,
        bytes32 times
    ) external;

    // --------------------------------------------------------------------------------------------------------- lines

    /// Emitted when a line opens or is refreshed.
    event LineOpened(
        RollupId indexed rollup,
        address indexed key,
        bool isAlt,
        uint32 nonce,
        uint256 validUntil
    );
    event LineRefreshed(RollupId indexed rollup, address indexed key, uint256 validUntil);
    /// Emitted when a line closes: no new claims; it stays liable until `withdrawLine`.
    event LineClosing(RollupId indexed rollup, address indexed key);
    event LineWithdrawn(RollupId indexed rollup, address indexed key, address to, uint256 deposit);
    /// Emitted when a line is lost in a match: every claim of that key in that rollup is unbacked.
    event LineLost(
        RollupId indexed rollup,
        address indexed key,
        uint32 nonce,
        uint256 deposit,
        uint256 slash
    );
    /// Emitted when the vault has slashed (`paid`), or refused and the debt waits for `executeSlash`.
    event SlashExecuted(address indexed key, uint256 amount, uint256 paid);
    event SlashDeferred(address indexed key, uint256 amount);

    error RollupUnknown(RollupId rollup);
    /// Raised when a line is opened with another deposit than the record's D.
    error LineDepositWrong(uint256 value, uint256 deposit);
    /// Raised when a line is opened where one is open or closing: withdraw it first.
    error LineExists(RollupId rollup, address key);
    /// Raised when there is no (open) line to refresh, close or withdraw.
    error LineMissing(RollupId rollup, address key);
    /// Raised when a bond line is refreshed: it has no end.
    error LineWithoutEnd(RollupId rollup, address key);
    /// Raised when a line is withdrawn that isn't closing.
    error LineNotClosing(RollupId rollup, address key);
    /// Raised when a line was closed already.
    error LineAlreadyClosing(RollupId rollup, address key);
    /// Raised when the vault's unbonding is shorter than claimLife + 2 days: stake could leave before a claim ends.
    error UnbondingTooShort(uint256 unbondingDelay, uint256 least);
    /// Raised when a line isn't released yet: claimLife + 1 day, in ticks, after closing.
    error LineNotReleased(uint256 ticks, uint256 least);
    /// Raised when an earlier slash of the key waits: `executeSlash` first.
    error SlashOutstanding(address key, uint256 amount);
    /// Raised when the key has no slash that waits.
    error SlashNotDue(address key);
    /// Raised when a slash is tried with so little gas that the vault might fail for the lack of it.
    error SlashGasTooLow(uint256 gasLeft, uint256 least);
    /// Raised when a payment fails. Name a receiver that takes coins.
    error PaymentFailed(address to, uint256 amount);
    /// Raised when the receiver is the zero address.
    error ReceiverZero();

    /// Opens the caller's line: `value` = D is deposited, X of his stake is reserved in the vault.
    function openLine(RollupId rollup) external payable;

    /// Opens a line of coins alone: it claims batches posted a day ago or more, has no end and needs no stake.
    function openBondLine(RollupId rollup) external payable;

    /// Makes the caller's line valid for as long as the vault's unbonding allows, from now.
    function refreshLine(RollupId rollup) external;

    /// Ends claiming with the caller's line. Its deposit and stake are free claimLife + 1 day (ticks) later.
    function closeLine(RollupId rollup) external;

    /// Pays the deposit of the caller's released line to `to` and frees the stake.
    function withdrawLine(RollupId rollup, address to) external;

    /// Executes a slash that the vault refused before. Anyone may.
    function executeSlash(address key) external;

    // ----------------------------------------------------------------------------------------------------- lifecycle

    /// Emitted when a rollup's Draining is made to start now by its owner, or noted by anyone after its end time.
    event Drained(RollupId indexed rollup, uint256 drainAt);
    event DepositsPaused(RollupId indexed rollup, uint256 until);
    event SequencerAnnounced(RollupId indexed rollup, address indexed sequencer, uint256 from);
    event SequencerRotated(RollupId indexed rollup, address indexed previous, address indexed sequencer);
    event Retired(RollupId indexed rollup, uint64 index, bytes32 commitment);
    event Escaped(RollupId indexed rollup, uint64 index, bytes32 commitment);

    /// Raised when the caller isn't the rollup's owner.
    error CallerNotOwner(RollupId rollup, address caller);
    /// Raised when Draining was declared already.
    error DrainingAlready(RollupId rollup);
    /// Raised when the verb needs an Active rollup.
    error RollupNotActive(RollupId rollup);
    /// Raised when a pause is longer than 7 days, or begins within 7 days after the one before.
    error PauseTooLong(uint256 until, uint256 most);
    error PauseTooSoon(uint256 time, uint256 earliest);
    /// Raised when a pause would end before it begins.
    error PauseInPast(uint256 until, uint256 time);
    /// Raised when the rollup isn't sequenced by `single`, or the address given isn't its sequencer.
    error SequencerWrong(RollupId rollup, address sequencer);
    /// Raised when no rotation to that address was announced, or its notice still runs.
    error SequencerNotAnnounced(RollupId rollup, address sequencer);
    error NoticeRunning(uint256 time, uint256 from);
    /// Raised when the fields don't hash to the last final commitment.
    error CommitmentMismatch(bytes32 computed, bytes32 finalCommitment);
    /// Raised when the last final commitment isn't swept, or leaves messages.
    error SweepIncomplete(uint256 phase, uint256 messagesConsumed, uint256 count);
    /// Raised when Draining hasn't come so far, or it is over.
    error DoorStillOpen(RollupId rollup, uint256 closesAt);
    error RollupOver(RollupId rollup);
    /// Raised when the conditions of an escape don't hold: 90 days of Draining without a new final commitment.
    error EscapeTooEarly(uint256 time, uint256 earliest);

    /// Starts Draining now. The owner only; anyone once the end time has passed, which notes what holds without it.
    function drain(RollupId rollup) external;

    /// Pauses deposits until then; a time that has passed ends the pause. The owner, at most 7 days, with 7 days between.
    function pauseDeposits(RollupId rollup, uint40 until) external;

    /// Announces another single sequencer. The owner; 2 · forceDelay + claimLife + 7 days of notice.
    function announceSequencer(RollupId rollup, address sequencer) external;

    /// Puts the announced sequencer in place when its notice has run. Anyone.
    function rotateSequencer(RollupId rollup, address previous, address sequencer) external;

    /// Closes a rollup that was swept: its last final commitment has phase 2 and consumed every message. Anyone.
    /// @dev Batches that aren't final die. Exits stay claimable for ever.
    /// @param packed `block u64 ‖ timestamp u64 ‖ messagesConsumed u64 ‖ transactions u56 ‖ phase u8`
    function retire(RollupId rollup, bytes32 stateRoot, bytes32 exitRoot, bytes32 packed) external;

    /// Ends a rollup that nobody finalises any more: 90 days of Draining without a new final commitment. Anyone.
    /// @dev Two message-only batches without a NORMAL one between that end in SKIP escape in `finalize` by themselves.
    function escape(RollupId rollup) external;

    // --------------------------------------------------------------------------------------------------------- views

    /// Returns how many rollups there are; ids run from 1 to it.
    function rollupCount() external view returns (uint64);

    /// Returns a rollup's parameters; status None if it doesn't exist.
    function record(RollupId rollup) external view returns (Record memory);

    /// Returns how far a rollup has come.
    function progress(RollupId rollup) external view returns (Progress memory);

    /// Returns the line of a hot key in a rollup.
    function lineOf(RollupId rollup, address key) external view returns (LineView memory);

    /// Returns what the ring holds for a batch: `hash u208 ‖ openMatches u40 ‖ bits u8`. Meaningful while the batch is pending.
    function ringEntryOf(RollupId rollup, uint64 index) external view returns (uint256);

    /// Returns the entry of a claim made on its own, or 0.
    function claimEntryOf(bytes32 claimKey, address asserter, uint32 nonce) external view returns (uint256);

    /// Returns true if the batch's result is final.
    function isFinal(RollupId rollup, uint64 index) external view returns (bool);

    /// Returns whether an address may post a batch now, and whether it may carry data. (What the batch says is not looked at.)
    function mayPost(RollupId rollup, address poster) external view returns (bool may, bool mayCarryData);

    /// Returns what `slash` still has to be executed against a key [ALT wei].
    function slashDue(address key) external view returns (uint256);

    /// Returns the fixed parts of the hub.
    function bridge() external view returns (address);
    function vault() external view returns (address);
    function machine() external view returns (address);
    function treasury() external view returns (address);
    function blockTime() external view returns (uint256); // τ [s]
    function leastBond() external view returns (uint256); // 1.2 M gas at the bond gas price [wei]
}
