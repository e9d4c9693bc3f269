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
/// and no match is open against that line, or a claim's life (W + T_match, in slow ticks) has; that takes trust in the
/// machine and the dispute contracts, and a chain on which no block comes sooner than blockTime after its parent.
/// Liveness: nobody can stop messages, posting (after `forceDelay`), claims, finalisation, retirement or escape; the owner
/// can pause deposits for at most 7 of any 14 days.
/// The vault is trusted to reserve and slash; if it refuses to slash, the debt waits in `slashDue` and nothing else stops.
///
/// Time: windows and clocks run in *ticks*: min(seconds, 4 · blockTime · blocks), so that a halted settlement chain takes
/// nobody's time. What must outlast them (a claim's life, the release of a line) runs in *slow ticks*: min(seconds,
/// blockTime · blocks). What is given in seconds runs in seconds.
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

    /// Raised when the catalogue lists no program of this hash. Take one of the `ProgramAdded` events, or have governance add it.
    error ProgramUnknown(bytes32 program);
    /// Raised when the program was marked obsolete, so that no new rollup takes it. Take another listed program; rollups that run it aren't
    /// touched.
    error ProgramObsolete(bytes32 program);
    /// Raised when the catalogue lists no module at this address. Take one of the `ModuleAdded` events.
    error ModuleUnknown(address module);
    /// Raised when the module was marked obsolete, so that no new rollup takes it. Take another listed module of its kind; rollups that use
    /// it aren't touched.
    error ModuleObsolete(address module);
    /// Raised when a module stands where another kind is needed (1 availability, 2 sequencing). Name a module whose `moduleEntry` has the
    /// kind that is needed.
    error ModuleKindWrong(address module, uint8 kind, uint8 needed);
    /// Raised when the module `single` has no sequencer, or another module has one. Name a sequencer with `single`, the zero address with
    /// any other module.
    error SequencerMisplaced(address sequencing, address sequencer);
    /// Raised when messageBound isn't in 1 … 2,048, or messageBound · messageGas exceeds the program's batchGas, so that one batch couldn't
    /// execute its messages [gas of the program]. Lower messageBound or messageGas.
    error MessageBudgetExceeded(uint256 messageBound, uint256 messageGas, uint256 batchGas);
    /// Raised when gas has a price and no account earns the fees. Name a fee recipient, or set the price to 0.
    error FeeRecipientMissing(uint256 gasPrice);
    /// Raised when messageGas is below the 2,048th part of the program's batchGas, or 0: forced transactions would be refused by the program, and
    /// nobody could leave without the sequencer [gas of the program]. Raise messageGas; config/presets says what is usual.
    error MessageGasTooLow(uint256 messageGas, uint256 least);
    /// Raised when the policy (mask << 8 | threshold) is another than 0x0101, the fault proof alone, which is all that this hub has. Set
    /// the policy to 0x0101.
    error PolicyUnsupported(uint16 policy);
    /// Raised when E is shorter than 20 block times [ticks], in which a side couldn't answer. Set `extension` to `least` or more.
    error ExtensionTooShort(uint256 extension, uint256 least);
    /// Raised when C, the time that each side has in a match, is shorter than four extensions, 4 · E [ticks]. Set `clock` to `least` or
    /// more, or shorten `extension`.
    error ClockTooShort(uint256 clock, uint256 least);
    /// Raised when W, the time in which a claim can be disputed, is shorter than both sides' clocks, 2 · C, or longer than 60 days [ticks].
    /// Set `window` to between `least` and `most`, or shorten `clock`.
    error WindowOutOfRange(uint256 window, uint256 least, uint256 most);
    /// Raised when B doesn't pay for a challenger's gas, 1.2 M gas at the hub's bond gas price [wei]. Set `bond` to `leastBond()` or more.
    error BondTooSmall(uint256 bond, uint256 least);
    /// Raised when a line's deposit D is less than twice the bond, 2 · B, or doesn't fit 80 bits [wei]. Set `deposit` to between `least`
    /// and `most`.
    error DepositOutOfRange(uint256 deposit, uint256 least, uint256 most);
    /// Raised when X, the stake that a lost line is slashed by, is 0 or above 2^95 − 1 [ALT wei]. Set `slash` to between 1 and `most`.
    error SlashOutOfRange(uint256 slash, uint256 most);
    /// Raised when forceDelay, after which anybody may post, is shorter than 20 block times or longer than 30 days [s]. Set `forceDelay` to
    /// between `least` and `most`.
    error ForceDelayOutOfRange(uint256 forceDelay, uint256 least, uint256 most);
    /// Raised when endTime isn't 0 (no end) and has passed, or lies beyond 2^34 − 2 [s since 1970]. Set `endTime` to 0, or to between
    /// `least` and `most`.
    error EndTimeOutOfRange(uint256 endTime, uint256 least, uint256 most);
    /// Raised when unwind, for which transactions go on in Draining, is longer than 90 days [s]. Set `unwind` to `most` or less.
    error UnwindTooLong(uint256 unwind, uint256 most);
    /// Raised when ringLog2 isn't in 4 … 12, rings of 16 … 4,096 pending batches. Set `ringLog2` to between `least` and `most`.
    error RingOutOfRange(uint256 ringLog2, uint256 least, uint256 most);
    /// Raised when outsiders would have to wait longer for room in the ring than forceDelay, (W + T_match) / 2^(ringLog2 − 2) [s]. Take a
    /// larger `ringLog2`, a longer `forceDelay` or a shorter `window`.
    error RingTooSmall(uint256 outsiderGap, uint256 forceDelay);
    /// Raised when forceDelay, a day and the longest life of a claim, W + T_match, are more than 60 days together, so that the sweep could
    /// come too late for an escape [s]. Take shorter windows or a shorter `forceDelay`.
    error EndingTooLong(uint256 ending, uint256 most);
    /// Raised when the hub is deployed with bonds that pay for no gas. Name the gas price that a challenger pays [wei], 1 or more.
    error BondGasPriceZero();
    /// Raised when the hub is deployed with a block time of 0 [s]. Deploy it with the settlement chain's nominal block time, 1 or more.
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

    /// Raised when a message is longer than 4,096 bytes, its head of 22 bytes included. Send at most 4,074 bytes of transaction; a deposit
    /// has 136 bytes before its data.
    error MessageTooLong(uint256 length, uint256 most);
    /// Raised when the rollup takes no messages: it doesn't exist, is Retired or Escaped, or its door closed `unwind` after Draining began.
    /// Check the id; if its end has come so far, wait for the sweep, which makes an exit of every holding.
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
    /// Raised when the rollup takes no batches: it doesn't exist, or is Retired or Escaped. Check the id; of one that is over, the bridge
    /// pays by `exit`, and by `escape` if it is Escaped.
    error PostingClosed(RollupId rollup);
    /// Raised when the sequencing module doesn't admit the caller, and posting opens to everyone only at `openFrom` [s since 1970]. Hand
    /// the transactions to the sequencer, or post at `openFrom` or later.
    error PosterNotAdmitted(address poster, uint256 openFrom);
    /// Raised when the caller may post, but not so soon after the last batch [s since 1970]. Post at `earliest` or later.
    error PostedTooSoon(uint256 time, uint256 earliest);
    /// Raised when the ring has no room for the caller: `most` batches are pending. Finalise what can be final, or wait until a batch is.
    error RingFull(uint256 pending, uint256 most);
    /// Raised when an outsider's batch carries data and he has no valid ALT line here, or the message door has closed. Set the message-only flag.
    error MessageOnlyRequired(address poster);
    /// Raised when a batch with the message-only flag carries data [bytes]. Send no data, or clear the flag.
    error DataUnexpected(uint256 length);
    /// Raised when a batch carries the sweep flag though the message door is open or its target isn't the last message, or lacks it though
    /// both hold. Set the flag exactly as `isNeeded` says, and build the batch anew.
    error SweepFlagWrong(bool isSet, bool isNeeded);
    /// Raised when the batch's target is neither the due nor the head, or farther than messageBound from the last target. Take `due` as the
    /// target (it is the next mark if the due is too far), or the head if it is near enough, and build the batch anew.
    error TargetWrong(uint256 target, uint256 due, uint256 head);
    /// Raised when the L1 block is older than the last batch's, unknown, or not among the last 256. Build the batch on a recent block,
    /// `least` or later.
    error L1BlockUnusable(uint256 l1Number, uint256 least);
    /// Raised when the batch's timestamp is earlier than the last batch's, later than the block's, or more than one hour back [s since
    /// 1970]. Build the batch with a time between `least` and `most`.
    error TimestampOutOfRange(uint256 timestamp, uint256 least, uint256 most);
    /// Raised when header and config don't hash to what the poster expects: a reorg changed a message or the L1 block. Build anew.
    error BatchHashMismatch(bytes32 computed, bytes32 expected);
    /// Raised when the data is longer than 3,145,728 bytes, 768 chunks of 4 KiB. Split it into several batches.
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

    /// Raised when the index isn't pending (it is final already, or wasn't posted yet), or isn't the next one to be final. Claim an index
    /// after `finalIndex` up to `posted`, and finalise `finalIndex` + 1.
    error ClaimIndexWrong(uint256 index, uint256 finalIndex, uint256 posted);
    /// Raised when the ring holds another entry than the given preimage. Take it from `Posted`.
    error EntryMismatch(uint256 computed, uint256 stored);
    /// Raised when a claim is of the zero commitment, which no run can have. Claim what your run returned; if it returned nothing, claim
    /// SKIP with the parent's commitment.
    error CommitmentZero();
    /// Raised when a SKIP claim's commitment isn't its parent, though a SKIP leaves the state as it was. Claim the parent's commitment, or
    /// claim NORMAL.
    error SkipCommitmentForeign(bytes32 commitment, bytes32 parent);
    /// Raised when the asserter has no line in this rollup that can claim now [s since 1970]. Open a line by `openLine` or `openBondLine`,
    /// or `refreshLine` yours.
    error LineInvalid(address key, uint256 validUntil);
    /// Raised when a bond line claims a batch that was posted less than a day ago [s since 1970]. Claim at `earliest` or later, or open a
    /// line with stake.
    error BondLineTooEarly(uint256 time, uint256 earliest);
    /// Raised when the asserter's own claim of the same still stands, backed by the same line. Don't claim again; finalise it when its
    /// window has passed.
    error ClaimStands(bytes32 claimKey, address asserter, uint32 nonce);
    /// Raised when a match is opened against a claim whose asserter has lost the line behind it, so that it can't become final. Don't
    /// dispute it; challenge claims that are backed.
    error ClaimUnbacked(address asserter, uint32 nonce);
    /// Raised when a match is opened against a claim whose window has passed [ticks]. Nothing can be done about this claim; challenge
    /// others within W of when they were backed.
    error WindowOver(uint256 ticks, uint256 window);
    /// Raised when guardians delay new claims [s since 1970]. Claim at `until` or later.
    error ClaimsDelayed(uint256 until);
    /// Raised when a claim lacks bits that its policy wants: bit 0 is missing while its window is open, while a match against its asserter's
    /// line is (for a claim's life at most), or once that line is lost. Wait for the window and the matches to end, or finalise another
    /// asserter's claim of the batch, or make one.
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

    /// Emitted when a line opens.
    /// @param isAlt X is reserved in the vault; else a bond line
    /// @param nonce that the line's claims carry
    /// @param validUntil last second in which it can claim [s since 1970]; 2^34 − 1: no end
    event LineOpened(
        RollupId indexed rollup,
        address indexed key,
        bool isAlt,
        uint32 nonce,
        uint256 validUntil
    );
    /// Emitted when a line's end is moved, by what the vault confirms now.
    /// @param validUntil as in `LineOpened`
    event LineRefreshed(RollupId indexed rollup, address indexed key, uint256 validUntil);
    /// Emitted when a line closes: no new claims; it stays liable until `withdrawLine`.
    event LineClosing(RollupId indexed rollup, address indexed key);
    /// Emitted when a closed line's stake is released and its deposit paid.
    /// @param deposit D [wei]
    event LineWithdrawn(RollupId indexed rollup, address indexed key, address to, uint256 deposit);
    /// Emitted when a line is lost in a match: every claim of that key in that rollup is unbacked.
    /// @param nonce the next one, which no claim carries
    /// @param deposit what was left of D [wei]
    /// @param slash X to be slashed [ALT wei]; 0 for a bond line, and for stake that was released
    event LineLost(
        RollupId indexed rollup,
        address indexed key,
        uint32 nonce,
        uint256 deposit,
        uint256 slash
    );
    /// Emitted when the vault has slashed.
    /// @param amount what was asked, paid what the vault says it slashed [ALT wei]
    event SlashExecuted(address indexed key, uint256 amount, uint256 paid);
    /// Emitted when the vault refused, and the debt waits for `executeSlash` [ALT wei].
    event SlashDeferred(address indexed key, uint256 amount);

    /// Raised when no rollup has this id. Take an id from 1 to `rollupCount()`.
    error RollupUnknown(RollupId rollup);
    /// Raised when a line is opened with another deposit than the record's D [wei]. Send exactly `deposit`.
    error LineDepositWrong(uint256 value, uint256 deposit);
    /// Raised when a line is opened where the key has one that is open or closing. Use or `refreshLine` it, or withdraw it first; another
    /// hot key may open one too.
    error LineExists(RollupId rollup, address key);
    /// Raised when the key has no line in this rollup that could be refreshed or closed. Check rollup and sender, or open a line.
    error LineMissing(RollupId rollup, address key);
    /// Raised when a bond line is refreshed, which has no end. Nothing to do: it stays valid until you close it.
    error LineWithoutEnd(RollupId rollup, address key);
    /// Raised when a line is withdrawn that isn't closing. Call `closeLine` first, and withdraw when it is released.
    error LineNotClosing(RollupId rollup, address key);
    /// Raised when a line is closed or refreshed that was closed already. Withdraw it when it is released, and open a new one to go on.
    error LineAlreadyClosing(RollupId rollup, address key);
    /// Raised when the vault's unbonding is shorter than claimLife + 2 days, so that stake could leave before a claim ends [s]. Open a bond
    /// line, or serve a rollup with a shorter window.
    error UnbondingTooShort(uint256 unbondingDelay, uint256 least);
    /// Raised when a line isn't released yet: that takes claimLife + 1 day from `closeLine` on [slow ticks]. Withdraw when `least` of them
    /// have passed.
    error LineNotReleased(uint256 ticks, uint256 least);
    /// Raised when an earlier slash of the key still waits to be executed [ALT wei]. Call `executeSlash` first, or use another key.
    error SlashOutstanding(address key, uint256 amount);
    /// Raised when the key has no slash that waits. Nothing to do: `slashDue` is 0.
    error SlashNotDue(address key);
    /// Raised when a slash is tried with so little gas that the vault might fail for the lack of it [gas]. Send the transaction with more,
    /// so that `least` is left.
    error SlashGasTooLow(uint256 gasLeft, uint256 least);
    /// Raised when a payment fails. Name a receiver that takes coins.
    error PaymentFailed(address to, uint256 amount);
    /// Raised when the receiver of a payment is the zero address. Name who gets it.
    error ReceiverZero();

    /// Opens the caller's line: `value` = D is deposited, X of his stake is reserved in the vault.
    function openLine(RollupId rollup) external payable;

    /// Opens a line of coins alone: it claims batches posted a day ago or more, has no end and needs no stake.
    function openBondLine(RollupId rollup) external payable;

    /// Makes the caller's line valid for as long as the vault's unbonding allows, from now.
    function refreshLine(RollupId rollup) external;

    /// Ends claiming with the caller's line. Its deposit and stake are free claimLife + 1 day (slow ticks) later.
    function closeLine(RollupId rollup) external;

    /// Pays the deposit of the caller's released line to `to` and frees the stake.
    function withdrawLine(RollupId rollup, address to) external;

    /// Executes a slash that the vault refused before. Anyone may.
    function executeSlash(address key) external;

    // ----------------------------------------------------------------------------------------------------- lifecycle

    /// Emitted when a rollup's Draining is made to start now by its owner, or noted by anyone after its end time.
    /// @param drainAt when it starts [s since 1970]
    event Drained(RollupId indexed rollup, uint256 drainAt);
    /// Emitted when the owner pauses deposits.
    /// @param until the first second in which they are taken again [s since 1970]
    event DepositsPaused(RollupId indexed rollup, uint256 until);
    /// Emitted when the owner announces the next sequencer.
    /// @param from when `rotateSequencer` takes effect at the earliest [s since 1970]
    event SequencerAnnounced(RollupId indexed rollup, address indexed sequencer, uint256 from);
    /// Emitted when the announced sequencer replaces the one before.
    event SequencerRotated(RollupId indexed rollup, address indexed previous, address indexed sequencer);
    /// Emitted when a swept rollup ends; what it owes are exits under `commitment`, that of batch `index`.
    event Retired(RollupId indexed rollup, uint64 index, bytes32 commitment);
    /// Emitted when a rollup ends unswept: holdings are paid by proof of the state behind `commitment`, that of batch `index`.
    event Escaped(RollupId indexed rollup, uint64 index, bytes32 commitment);

    /// Raised when somebody else than the rollup's owner calls a verb of the owner. Call from `ownerOf`; draining needs no owner once the
    /// end time has passed.
    error CallerNotOwner(RollupId rollup, address caller);
    /// Raised when Draining was declared already. Nothing to do: read `record` for when it began.
    error DrainingAlready(RollupId rollup);
    /// Raised when deposits are paused though the rollup isn't Active. Nothing to do: from Draining on it takes no deposits anyway.
    error RollupNotActive(RollupId rollup);
    /// Raised when a pause would end more than 7 days from now, or prolong one that runs [s since 1970]. Let it end at `most` or earlier.
    error PauseTooLong(uint256 until, uint256 most);
    /// Raised when a pause would begin less than 7 days after the end of the one before [s since 1970]. Pause at `earliest` or later.
    error PauseTooSoon(uint256 time, uint256 earliest);
    /// Raised when a pause would end before it begins [s since 1970]. Name an end in the future, at most 7 days ahead.
    error PauseInPast(uint256 until, uint256 time);
    /// Raised when the rollup isn't sequenced by `single`, or the previous address given isn't its sequencer. Name the present sequencer;
    /// rollups with another module have none to rotate.
    error SequencerWrong(RollupId rollup, address sequencer);
    /// Raised when no rotation to that address was announced. Have the owner call `announceSequencer`, or name the address that was
    /// announced.
    error SequencerNotAnnounced(RollupId rollup, address sequencer);
    /// Raised when the notice of an announced rotation still runs [s since 1970]. Rotate at `from` or later.
    error NoticeRunning(uint256 time, uint256 from);
    /// Raised when the fields given don't hash to the last final commitment. Take state root, exit root and the packed word of the batch
    /// `lastFinal` names.
    error CommitmentMismatch(bytes32 computed, bytes32 finalCommitment);
    /// Raised when the last final commitment isn't of phase 2, swept, or leaves messages unconsumed. Post sweep batches until every holding
    /// is an exit and every message is read, let them become final, and retire then.
    error SweepIncomplete(uint256 phase, uint256 messagesConsumed, uint256 count);
    /// Raised when a rollup is to be retired before its message door has closed, `unwind` after Draining began [s since 1970]. Retire at
    /// `closesAt` or later, after the sweep.
    error DoorStillOpen(RollupId rollup, uint256 closesAt);
    /// Raised when the rollup is Retired or Escaped, so that this verb is too late. Nothing to do but to exit, or to escape if it is
    /// Escaped; lines can still be closed and withdrawn.
    error RollupOver(RollupId rollup);
    /// Raised when the conditions of an escape don't hold: 90 days with a closed message door and without a new final commitment [s since
    /// 1970]. Call at `earliest` or later if nothing becomes final until then.
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

    /// Ends a rollup that nobody finalises any more: 90 days after its message door has closed, or after the end of the hour of the
    /// last new final commitment if that came later. Anyone.
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

    /// Returns what the ring holds for a batch: `hash u248 ‖ bits u8`. Meaningful while the batch is pending.
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
