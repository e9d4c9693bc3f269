// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CalldataLayer} from "../availability/CalldataLayer.sol";
import {Court, Verdicts} from "../dispute/Verdicts.sol";
import {IMatches} from "../dispute/IMatches.sol";
import {Matches} from "../dispute/Matches.sol";
import {MatchState} from "../dispute/MatchState.sol";
import {Opening} from "../dispute/Opening.sol";
import {Position} from "../dispute/Position.sol";
import {IMachine} from "../machine/IMachine.sol";
import {Sequencing} from "../sequencing/Sequencing.sol";
import {ILineBacking} from "../staking/ILineBacking.sol";
import {Catalogue} from "./Catalogue.sol";
import {Claims} from "./Claims.sol";
import {ClaimTerms} from "./ClaimTerms.sol";
import {Creation} from "./Creation.sol";
import {Door} from "./Door.sol";
import {Backing, Entries, Times} from "./Entries.sol";
import {Finality} from "./Finality.sol";
import {HubState, Rollup} from "./HubState.sol";
import {IBridgeOfHub} from "./IBridgeOfHub.sol";
import {ICatalogue} from "./ICatalogue.sol";
import {IInbox} from "./IInbox.sol";
import {Inspection} from "./Inspection.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Lifecycle} from "./Lifecycle.sol";
import {Lines} from "./Lines.sol";
import {LineView} from "./LineView.sol";
import {Messages} from "./Messages.sol";
import {Chain, Lifetime, Security} from "./Parameters.sol";
import {Posting} from "./Posting.sol";
import {PostTerms} from "./PostTerms.sol";
import {ProgramEntry} from "./ProgramEntry.sol";
import {Progress} from "./Progress.sol";
import {Record} from "./Record.sol";
import {RollupId} from "./RollupId.sol";
import {Status} from "./Status.sol";

/// The one contract of a settlement chain that holds all its rollups.
/// @dev Only the door: each concern is a library over its own part of `HubState`. Messages, posting, claims and finality are
/// compiled in, and so are the moves of matches; rare verbs live in linked libraries (creation, lines, lifecycle, catalogue, inspection, verdicts).
///
/// Trusts: the bridge to say truly who deposits what, the vault to reserve and slash, governance to list only sound
/// programs (for rollups that are yet to be made).
/// Invariants: docs/invariants.md, "hub".
contract RollupHub is IRollupHub, ICatalogue {
    /// Gas that a challenger needs for a whole match [gas].
    uint256 private constant MATCH_GAS = 1_200_000;

    /// @inheritdoc IRollupHub
    address public immutable bridge;
    /// @inheritdoc IRollupHub
    address public immutable vault;
    /// @inheritdoc IRollupHub
    address public immutable machine;
    /// @inheritdoc IRollupHub
    address public immutable treasury;
    /// @inheritdoc IRollupHub
    uint256 public immutable blockTime;
    /// @inheritdoc IRollupHub
    uint256 public immutable leastBond;

    HubState internal _hub;

    /// @param governor_ keeps the catalogue
    /// @param bridge_ the only contract that may deposit; it was given this hub's address before the hub was made
    /// @param vault_ reserves and slashes stake
    /// @param machine_ executes the step that decides a match
    /// @param treasury_ gets the half of a slash that isn't burned
    /// @param blockTime_ τ, the chain's nominal block time, not 0 [s]
    /// @param bondGasPrice what a bond must pay for a challenger's gas at least, not 0 [wei]
    constructor(
        address governor_,
        address bridge_,
        address vault_,
        address machine_,
        address treasury_,
        uint256 blockTime_,
        uint256 bondGasPrice
    ) {
        require(blockTime_ != 0, BlockTimeZero());
        // With bonds of 0 a deposit could be 0, which is how a line says that it isn't there.
        require(bondGasPrice != 0, BondGasPriceZero());
        require(
            bridge_.code.length != 0 && IBridgeOfHub(bridge_).hub() == address(this),
            BridgeForeign(bridge_)
        );
        (bridge, vault, machine, treasury) = (bridge_, vault_, machine_, treasury_);
        (blockTime, leastBond) = (blockTime_, MATCH_GAS * bondGasPrice);
        _hub.governor = governor_;
        emit GovernorChanged(address(0), governor_);
        Catalogue.addModule(_hub, CalldataLayer.MODULE, Catalogue.AVAILABILITY, 1);
        Catalogue.addModule(_hub, Sequencing.SINGLE_MODULE, Catalogue.SEQUENCING, 1);
        Catalogue.addModule(_hub, Sequencing.OPEN_MODULE, Catalogue.SEQUENCING, 1);
    }

    /// @inheritdoc IRollupHub
    function create(
        Chain calldata chain,
        Security calldata security,
        Lifetime calldata lifetime
    ) external returns (RollupId) {
        return Creation.create(_hub, chain, security, lifetime, blockTime, leastBond);
    }

    // ------------------------------------------------------------------------------------------------------ messages

    /// @inheritdoc IInbox
    function deposit(RollupId rollup, address sender, bytes calldata body) external returns (uint64) {
        require(msg.sender == bridge, CallerNotBridge(msg.sender));
        return Messages.deposit(_hub.rollups[rollup], rollup, sender, body);
    }

    /// @inheritdoc IRollupHub
    function force(RollupId rollup, bytes calldata signedTransaction) external returns (uint64) {
        return Messages.transaction(_hub.rollups[rollup], rollup, Messages.FORCED, signedTransaction);
    }

    /// @inheritdoc IRollupHub
    function call(RollupId rollup, bytes calldata transaction) external returns (uint64) {
        return Messages.transaction(_hub.rollups[rollup], rollup, Messages.CALL, transaction);
    }

    // ---------------------------------------------------------------------------------------------- batches and claims

    /// @inheritdoc IRollupHub
    function post(
        bytes32 terms,
        bytes32 batchHash,
        bytes calldata data,
        bytes32 parent,
        bytes32 commitment
    ) external {
        Posting.post(_hub, PostTerms.wrap(terms), batchHash, data, parent, commitment);
    }

    /// @inheritdoc IRollupHub
    function claim(bytes32 terms, bytes32 parent, bytes32 commitment, bytes32[4] calldata entry) external {
        Claims.claim(_hub, ClaimTerms.wrap(terms), parent, commitment, entry);
    }

    /// @inheritdoc IRollupHub
    function finalize(
        bytes32 terms,
        bytes32 batchHash,
        bytes32 commitment,
        bytes32 backing,
        bytes32 times
    ) external {
        Finality.finalize(
            _hub,
            blockTime,
            ClaimTerms.wrap(terms),
            batchHash,
            commitment,
            Backing.wrap(backing),
            Times.wrap(times)
        );
    }

    // ------------------------------------------------------------------------------------------------------- matches

    /// @inheritdoc IMatches
    function openMatch(Opening calldata opening) external payable returns (bytes32) {
        return Matches.open(_hub, opening, blockTime);
    }

    /// @inheritdoc IMatches
    function dissect(
        bytes32 matchId,
        address other,
        bytes32 position,
        bytes32 start,
        bytes32 end,
        bytes32[8] calldata states,
        bytes32[3] calldata siblings
    ) external {
        Matches.dissect(
            _hub,
            matchId,
            other,
            Position.wrap(position),
            start,
            end,
            states,
            siblings,
            blockTime
        );
    }

    /// @inheritdoc IMatches
    function settle(
        MatchState calldata state,
        bytes calldata witness,
        bytes32 start,
        bytes32 end,
        bytes32[3] calldata siblings
    ) external {
        Verdicts.settle(_hub, _court(), state, witness, start, end, siblings);
    }

    /// @inheritdoc IMatches
    function timeOut(MatchState calldata state, bytes32 root) external {
        Verdicts.timeOut(_hub, _court(), state, root);
    }

    /// @inheritdoc IMatches
    function dropMatch(MatchState calldata state, bytes32 root) external {
        Verdicts.drop(_hub, state, root);
    }

    /// @inheritdoc IMatches
    function collect(bytes32 matchId, address to) external {
        Matches.collect(_hub, matchId, to);
    }

    /// @inheritdoc IMatches
    function matchOf(bytes32 matchId) external view returns (uint256) {
        return _hub.matches[matchId];
    }

    // --------------------------------------------------------------------------------------------------------- lines

    /// @inheritdoc IRollupHub
    function openLine(RollupId rollup) external payable {
        Lines.open(_hub, rollup, ILineBacking(vault));
    }

    /// @inheritdoc IRollupHub
    function openBondLine(RollupId rollup) external payable {
        Lines.openBond(_hub, rollup);
    }

    /// @inheritdoc IRollupHub
    function refreshLine(RollupId rollup) external {
        Lines.refresh(_hub, rollup, ILineBacking(vault));
    }

    /// @inheritdoc IRollupHub
    function closeLine(RollupId rollup) external {
        Lines.close(_hub, rollup);
    }

    /// @inheritdoc IRollupHub
    function withdrawLine(RollupId rollup, address to) external {
        Lines.withdraw(_hub, rollup, to, ILineBacking(vault), blockTime);
    }

    /// @inheritdoc IRollupHub
    function executeSlash(address key) external {
        Lines.executeSlash(_hub, key, ILineBacking(vault), treasury);
    }

    // ----------------------------------------------------------------------------------------------------- lifecycle

    /// @inheritdoc IRollupHub
    function drain(RollupId rollup) external {
        Lifecycle.drain(_hub, rollup);
    }

    /// @inheritdoc IRollupHub
    function pauseDeposits(RollupId rollup, uint40 until) external {
        Lifecycle.pauseDeposits(_hub, rollup, until);
    }

    /// @inheritdoc IRollupHub
    function announceSequencer(RollupId rollup, address sequencer) external {
        Lifecycle.announceSequencer(_hub, rollup, sequencer);
    }

    /// @inheritdoc IRollupHub
    function rotateSequencer(RollupId rollup, address previous, address sequencer) external {
        Lifecycle.rotateSequencer(_hub, rollup, previous, sequencer);
    }

    /// @inheritdoc IRollupHub
    function retire(RollupId rollup, bytes32 stateRoot, bytes32 exitRoot, bytes32 packed) external {
        Lifecycle.retire(_hub, rollup, stateRoot, exitRoot, packed);
    }

    /// @inheritdoc IRollupHub
    function escape(RollupId rollup) external {
        Lifecycle.escape(_hub, rollup);
    }

    // ----------------------------------------------------------------------------------------------------- catalogue

    /// @inheritdoc ICatalogue
    function addProgram(
        ProgramEntry calldata entry,
        bytes32[11] calldata siblings
    ) external returns (bytes32) {
        return Catalogue.addProgram(_hub, entry, siblings);
    }

    /// @inheritdoc ICatalogue
    function markProgramObsolete(bytes32 program) external {
        Catalogue.markProgramObsolete(_hub, program);
    }

    /// @inheritdoc ICatalogue
    function markModuleObsolete(address module) external {
        Catalogue.markModuleObsolete(_hub, module);
    }

    /// @inheritdoc ICatalogue
    function proposeGovernor(address next) external {
        Catalogue.proposeGovernor(_hub, next);
    }

    /// @inheritdoc ICatalogue
    function acceptGovernor() external {
        Catalogue.acceptGovernor(_hub);
    }

    /// @inheritdoc ICatalogue
    function governor() external view returns (address) {
        return _hub.governor;
    }

    /// @inheritdoc ICatalogue
    function programEntry(
        bytes32 program
    )
        external
        view
        returns (
            uint32 number,
            bool isObsolete,
            bool isResidual,
            uint8 logSteps,
            uint48 batchGas,
            bytes32 genesis,
            address stateReader
        )
    {
        return Catalogue.programEntry(_hub, program);
    }

    /// @inheritdoc ICatalogue
    function moduleEntry(address module) external view returns (uint8 kind, uint16 version, bool isObsolete) {
        return Catalogue.moduleEntry(_hub, module);
    }

    // --------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IInbox
    function commitmentIn(RollupId rollup, uint256 slot) external view returns (bytes32) {
        return Finality.kept(_hub.rollups[rollup], slot);
    }

    /// @inheritdoc IInbox
    function statusOf(RollupId rollup) external view returns (Status) {
        return _hub.rollups[rollup].door.status();
    }

    /// @inheritdoc IInbox
    function acceptsDeposits(RollupId rollup) external view returns (bool) {
        return _hub.rollups[rollup].door.takesDeposits();
    }

    /// @inheritdoc IInbox
    function inboxOf(
        RollupId rollup
    ) external view returns (uint64 count, bytes32 head, uint16 messageBound) {
        Rollup storage found = _hub.rollups[rollup];
        Door door = found.door;
        return (uint64(door.count()), found.head, uint16(door.messageBound())); // have 40 and 12 bits
    }

    /// @inheritdoc IInbox
    function markOf(RollupId rollup, uint64 mark) external view returns (bytes32) {
        return _hub.rollups[rollup].marks[mark];
    }

    /// @inheritdoc IInbox
    function lastFinal(RollupId rollup) external view returns (uint64 index, bytes32 commitment) {
        uint256 last;
        (last, commitment) = Finality.last(_hub.rollups[rollup]);
        index = uint64(last); // has 32 bits
    }

    /// @inheritdoc IInbox
    function ownerOf(RollupId rollup) external view returns (address) {
        return _hub.rollups[rollup].owner;
    }

    /// @inheritdoc IInbox
    function programOf(RollupId rollup) public view returns (bytes32) {
        return _hub.programByNumber[_hub.rollups[rollup].terms.program()];
    }

    /// @inheritdoc IInbox
    function stateReaderOf(RollupId rollup) external view returns (address) {
        return Catalogue.stateReader(_hub.programs[programOf(rollup)].traits);
    }

    /// @inheritdoc IRollupHub
    function rollupCount() external view returns (uint64) {
        return _hub.rollupCount;
    }

    /// @inheritdoc IRollupHub
    function record(RollupId rollup) external view returns (Record memory) {
        return Inspection.record(_hub, rollup);
    }

    /// @inheritdoc IRollupHub
    function progress(RollupId rollup) external view returns (Progress memory) {
        return Inspection.progress(_hub, rollup);
    }

    /// @inheritdoc IRollupHub
    function lineOf(RollupId rollup, address key) external view returns (LineView memory) {
        return Inspection.lineOf(_hub, rollup, key);
    }

    /// @inheritdoc IRollupHub
    function ringEntryOf(RollupId rollup, uint64 index) external view returns (uint256) {
        Rollup storage found = _hub.rollups[rollup];
        return found.ring[found.hot.ringSlot(index)];
    }

    /// @inheritdoc IRollupHub
    function claimEntryOf(bytes32 claimKey, address asserter, uint32 nonce) external view returns (uint256) {
        return _hub.claims[Entries.claimId(claimKey, asserter, nonce)];
    }

    /// @inheritdoc IRollupHub
    function isFinal(RollupId rollup, uint64 index) external view returns (bool) {
        return index <= _hub.rollups[rollup].hot.finalIndex() && _hub.rollups[rollup].configHash != 0;
    }

    /// @inheritdoc IRollupHub
    function mayPost(RollupId rollup, address poster) external view returns (bool may, bool mayCarryData) {
        return Inspection.mayPost(_hub, rollup, poster);
    }

    /// @inheritdoc IRollupHub
    function slashDue(address key) external view returns (uint256) {
        return _hub.slashDue[key];
    }

    function _court() private view returns (Court memory) {
        return Court(IMachine(machine), ILineBacking(vault), treasury, blockTime);
    }
}
