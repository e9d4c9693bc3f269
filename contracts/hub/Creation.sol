// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Sequencing} from "../sequencing/Sequencing.sol";
import {Catalogue} from "./Catalogue.sol";
import {Config} from "./Config.sol";
import {DoorFields} from "./Door.sol";
import {HotFields} from "./Hot.sol";
import {HubState, ProgramSlot, Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Chain, Lifetime, Security} from "./Parameters.sol";
import {RollupId} from "./RollupId.sol";
import {TermsFields} from "./Terms.sol";

/// Makes rollups: checks that the parts fit together and writes seven slots.
library Creation {
    /// A deposit that an escape left unread is given back by the messages after it, up to so many: 64 KiB fit any transaction.
    uint256 private constant MAX_MESSAGE_BOUND = 2048;
    /// Without the sequencer, the first sweep batch must be final well before an escape is possible, 90 days after the door closed.
    uint256 private constant MAX_ENDING = 60 days;
    uint256 private constant MAX_WINDOW = 60 days;
    uint256 private constant MAX_DEPOSIT = type(uint80).max;
    uint256 private constant MAX_SLASH = type(uint96).max >> 1;
    uint256 private constant MAX_FORCE_DELAY = 30 days;
    uint256 private constant MAX_UNWIND = 90 days;
    uint256 private constant MIN_RING = 4;
    uint256 private constant MAX_RING = 12;
    /// Mask and threshold of the policy "bit 0": the fault proof alone, the only bit this hub has.
    uint256 private constant FAULT_PROOF = 0x0101;

    /// See `IRollupHub.create`.
    /// @param blockTime τ [s]
    /// @param leastBond [wei]
    function create(
        HubState storage hub,
        Chain calldata chain,
        Security calldata security,
        Lifetime calldata lifetime,
        uint256 blockTime,
        uint256 leastBond
    ) external returns (RollupId id) {
        ProgramSlot storage program = Catalogue.requireProgram(hub, chain.program);
        uint256 traits = program.traits;
        _requireChain(hub, chain, Catalogue.batchGas(traits));
        _requireSecurity(security, blockTime, leastBond);
        uint256 claimLife = _claimLife(security, Catalogue.logSteps(traits));
        _requireLifetime(lifetime, blockTime, claimLife);

        id = RollupId.wrap(++hub.rollupCount);
        Rollup storage rollup = hub.rollups[id];
        rollup.hot = HotFields.created(lifetime.ringLog2);
        rollup.door = DoorFields.created(
            lifetime.endTime,
            lifetime.unwind,
            security.window,
            chain.messageBound,
            security.policy,
            chain.sequencing == Sequencing.SINGLE_MODULE ? Sequencing.SINGLE : Sequencing.OPEN
        );
        rollup.terms = TermsFields.created(
            security.deposit,
            lifetime.forceDelay,
            security.fallbackDelay,
            lifetime.maxDormant,
            claimLife,
            Catalogue.number(traits)
        );
        (rollup.owner, rollup.slash) = (lifetime.owner, security.slash);
        rollup.configHash = Config.hash(
            id,
            chain,
            security,
            Catalogue.batchGas(traits),
            Catalogue.logSteps(traits)
        );
        rollup.recent[0] = program.genesis;
        if (chain.sequencer != address(0)) {
            rollup.lines[chain.sequencer] = rollup.lines[chain.sequencer].withPoster(true);
        }
        emit IRollupHub.Created(id, lifetime.owner, chain.program, chain, security, lifetime);
    }

    function _requireChain(HubState storage hub, Chain calldata chain, uint256 batchGas) private view {
        Catalogue.requireModule(hub, chain.availability, Catalogue.AVAILABILITY);
        Catalogue.requireModule(hub, chain.sequencing, Catalogue.SEQUENCING);
        require(
            (chain.sequencing == Sequencing.SINGLE_MODULE) == (chain.sequencer != address(0)),
            IRollupHub.SequencerMisplaced(chain.sequencing, chain.sequencer)
        );
        // the fees would be credited to the zero address, whose holdings nobody can exit
        require(
            chain.gasPrice == 0 || chain.feeRecipient != address(0),
            IRollupHub.FeeRecipientMissing(chain.gasPrice)
        );
        uint256 leastGas = batchGas / MAX_MESSAGE_BOUND;
        require(
            chain.messageGas != 0 && chain.messageGas >= leastGas,
            IRollupHub.MessageGasTooLow(chain.messageGas, leastGas)
        );
        uint256 bound = chain.messageBound;
        require(
            bound != 0 && bound <= MAX_MESSAGE_BOUND && bound * chain.messageGas <= batchGas,
            IRollupHub.MessageBudgetExceeded(bound, chain.messageGas, batchGas)
        );
    }

    function _requireSecurity(Security calldata security, uint256 blockTime, uint256 leastBond) private pure {
        require(security.policy == FAULT_PROOF, IRollupHub.PolicyUnsupported(security.policy));
        uint256 extension = security.extension;
        uint256 clock = security.clock;
        uint256 window = security.window;
        require(extension >= 20 * blockTime, IRollupHub.ExtensionTooShort(extension, 20 * blockTime));
        require(clock >= 4 * extension, IRollupHub.ClockTooShort(clock, 4 * extension));
        require(
            window >= 2 * clock && window <= MAX_WINDOW,
            IRollupHub.WindowOutOfRange(window, 2 * clock, MAX_WINDOW)
        );
        uint256 bond = security.bond;
        require(bond >= leastBond, IRollupHub.BondTooSmall(bond, leastBond));
        require(
            security.deposit >= 2 * bond && security.deposit <= MAX_DEPOSIT,
            IRollupHub.DepositOutOfRange(security.deposit, 2 * bond, MAX_DEPOSIT)
        );
        require(
            security.slash != 0 && security.slash <= MAX_SLASH,
            IRollupHub.SlashOutOfRange(security.slash, MAX_SLASH)
        );
    }

    function _requireLifetime(Lifetime calldata lifetime, uint256 blockTime, uint256 claimLife) private view {
        uint256 endTime = lifetime.endTime;
        require(
            endTime == 0 || (endTime > block.timestamp && endTime < DoorFields.NEVER),
            IRollupHub.EndTimeOutOfRange(endTime, block.timestamp + 1, DoorFields.NEVER - 1)
        );
        require(lifetime.unwind <= MAX_UNWIND, IRollupHub.UnwindTooLong(lifetime.unwind, MAX_UNWIND));
        uint256 delay = lifetime.forceDelay;
        require(
            delay >= 20 * blockTime && delay <= MAX_FORCE_DELAY,
            IRollupHub.ForceDelayOutOfRange(delay, 20 * blockTime, MAX_FORCE_DELAY)
        );
        // until outsiders post the sweep, until a line of coins may claim it, and the claim's own life
        uint256 ending = delay + 1 days + claimLife;
        require(ending <= MAX_ENDING, IRollupHub.EndingTooLong(ending, MAX_ENDING));
        uint256 ring = lifetime.ringLog2;
        require(ring >= MIN_RING && ring <= MAX_RING, IRollupHub.RingOutOfRange(ring, MIN_RING, MAX_RING));
        uint256 gap = Sequencing.outsiderGap(claimLife, ring);
        require(gap <= delay, IRollupHub.RingTooSmall(gap, delay));
    }

    /// Returns W + T_match: the longest from a claim to the end of the last match about it [ticks].
    function _claimLife(Security calldata security, uint256 logSteps) private pure returns (uint256) {
        uint256 clock = security.clock;
        uint256 extension = security.extension;
        return security.window + 2 * clock + (logSteps / 3 + 1) * extension;
    }
}
