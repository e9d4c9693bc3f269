// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ILineBacking} from "../staking/ILineBacking.sol";
import {DoorFields} from "./Door.sol";
import {HubState, Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {Line} from "./Line.sol";
import {RollupId} from "./RollupId.sol";
import {Ticks} from "./Ticks.sol";

/// Lines: an operator's deposit D and stake X reserved for one rollup, which his claims there are backed by.
/// @dev A claim ends (its window, then its last match) at most claimLife ticks after it was made; stake can leave the vault
/// unbondingDelay seconds after the last refresh; validUntil keeps the former before the latter, with a day to spare for a
/// chain that halts [stretched claims]; a closing line waits as long in slow ticks, at one block time a block (`Ticks`). The vault is trusted not to call back.
library Lines {
    /// Spare time between the last claim's end and the first moment stake can leave [s], and after closing [ticks].
    uint256 private constant SPARE = 1 days;
    /// What the vault's slash is given [gas]; it needs at most 140,000.
    uint256 internal constant SLASH_GAS = 220_000;
    /// What must be left before it is tried: the 63/64 rule, and the debt's slot afterwards [gas].
    uint256 private constant SLASH_GAS_FLOOR = 260_000;

    /// See `IRollupHub.openLine`.
    function open(HubState storage hub, RollupId id, ILineBacking vault) external {
        Rollup storage rollup = _requireOpenable(hub, id);
        uint256 due = hub.slashDue[msg.sender];
        require(due == 0, IRollupHub.SlashOutstanding(msg.sender, due));
        uint256 end = _end(rollup, vault.reserve(msg.sender, rollup.slash));
        _open(rollup, id, end, true);
    }

    /// See `IRollupHub.openBondLine`.
    function openBond(HubState storage hub, RollupId id) external {
        _open(_requireOpenable(hub, id), id, DoorFields.NEVER, false);
    }

    /// See `IRollupHub.refreshLine`.
    function refresh(HubState storage hub, RollupId id, ILineBacking vault) external {
        Rollup storage rollup = hub.rollups[id];
        Line line = rollup.lines[msg.sender];
        require(line.deposit() != 0, IRollupHub.LineMissing(id, msg.sender));
        require(line.isAlt(), IRollupHub.LineWithoutEnd(id, msg.sender));
        require(rollup.closings[msg.sender] == 0, IRollupHub.LineAlreadyClosing(id, msg.sender));
        uint256 end = _end(rollup, vault.confirm(msg.sender));
        rollup.lines[msg.sender] = line.withValidUntil(end);
        emit IRollupHub.LineRefreshed(id, msg.sender, end);
    }

    /// See `IRollupHub.closeLine`.
    function close(HubState storage hub, RollupId id) external {
        Rollup storage rollup = hub.rollups[id];
        Line line = rollup.lines[msg.sender];
        require(line.deposit() != 0, IRollupHub.LineMissing(id, msg.sender));
        require(rollup.closings[msg.sender] == 0, IRollupHub.LineAlreadyClosing(id, msg.sender));
        rollup.closings[msg.sender] = (block.timestamp << 64) | block.number;
        rollup.lines[msg.sender] = line.withValidUntil(0);
        emit IRollupHub.LineClosing(id, msg.sender);
    }

    /// See `IRollupHub.withdrawLine`.
    function withdraw(
        HubState storage hub,
        RollupId id,
        address to,
        ILineBacking vault,
        uint256 blockTime
    ) external {
        Rollup storage rollup = hub.rollups[id];
        uint256 closing = rollup.closings[msg.sender];
        require(closing != 0, IRollupHub.LineNotClosing(id, msg.sender));
        require(to != address(0), IRollupHub.ReceiverZero());
        // cuts off the time: closing is `time ‖ block u64`
        uint256 ticks = Ticks.sinceSlowly(closing >> 64, uint64(closing), blockTime);
        uint256 least = rollup.terms.claimLife() + SPARE;
        require(ticks >= least, IRollupHub.LineNotReleased(ticks, least));
        Line line = rollup.lines[msg.sender];
        uint256 deposit = line.deposit();
        rollup.lines[msg.sender] = line.withdrawn();
        rollup.closings[msg.sender] = 0;
        emit IRollupHub.LineWithdrawn(id, msg.sender, to, deposit);
        if (line.isAlt()) vault.release(msg.sender, rollup.slash);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = to.call{value: deposit}("");
        require(paid, IRollupHub.PaymentFailed(to, deposit));
    }

    /// See `IRollupHub.executeSlash`.
    function executeSlash(HubState storage hub, address key, ILineBacking vault, address treasury) external {
        uint256 amount = hub.slashDue[key];
        require(amount != 0, IRollupHub.SlashNotDue(key));
        hub.slashDue[key] = 0;
        // Nobody waits for this one: it may take what the caller brings, should storage have become dearer.
        slash(hub, key, amount, vault, treasury, gasleft());
    }

    /// Takes a line that lost a match: every claim of the key in the rollup is unbacked, any closing cancelled.
    /// @dev The caller moves the deposit, pays, and at the end calls `slash` with the returned amount, unless it is 0.
    /// @return deposit D of the line [wei]
    /// @return due X to slash; 0 for a bond line [ALT wei]
    function lose(
        Rollup storage rollup,
        RollupId id,
        address key
    ) internal returns (uint256 deposit, uint256 due) {
        Line line = rollup.lines[key];
        deposit = line.deposit();
        due = line.isAlt() ? rollup.slash : 0;
        Line left = line.lost();
        rollup.lines[key] = left;
        if (line.validUntil() == 0) rollup.closings[key] = 0; // a closing line has no validity
        emit IRollupHub.LineLost(id, key, uint32(left.nonce()), deposit, due); // has 32 bits
    }

    /// Slashes at the vault; if it refuses, the debt waits in slashDue. Never reverts but for too little gas: a slash can't block a match.
    /// @dev The gas floor keeps a settler from making the slash fail by starving it.
    /// @param gasLimit for the vault, SLASH_GAS where a match ends
    function slash(
        HubState storage hub,
        address key,
        uint256 amount,
        ILineBacking vault,
        address treasury,
        uint256 gasLimit
    ) internal {
        uint256 left = gasleft();
        require(left >= SLASH_GAS_FLOOR, IRollupHub.SlashGasTooLow(left, SLASH_GAS_FLOOR));
        bytes memory input = abi.encodeCall(ILineBacking.slash, (key, amount, treasury));
        bool done;
        uint256 paid;
        // memory-safe: reads the input, writes the answer's one word to scratch space; longer answers aren't copied
        assembly ("memory-safe") {
            done := call(gasLimit, vault, 0, add(input, 32), mload(input), 0, 32)
            done := and(done, gt(returndatasize(), 31))
            paid := mload(0)
        }
        if (done) {
            emit IRollupHub.SlashExecuted(key, amount, paid);
        } else {
            hub.slashDue[key] += amount;
            emit IRollupHub.SlashDeferred(key, amount);
        }
    }

    function _requireOpenable(
        HubState storage hub,
        RollupId id
    ) private view returns (Rollup storage rollup) {
        rollup = hub.rollups[id];
        require(rollup.configHash != 0, IRollupHub.RollupUnknown(id));
        require(rollup.door.isAlive(), IRollupHub.RollupOver(id));
        uint256 deposit = rollup.terms.deposit();
        require(msg.value == deposit, IRollupHub.LineDepositWrong(msg.value, deposit));
        require(rollup.lines[msg.sender].deposit() == 0, IRollupHub.LineExists(id, msg.sender));
    }

    function _open(Rollup storage rollup, RollupId id, uint256 end, bool alt) private {
        Line line = rollup.lines[msg.sender].opened(msg.value, end, alt);
        rollup.lines[msg.sender] = line;
        emit IRollupHub.LineOpened(id, msg.sender, alt, uint32(line.nonce()), end); // has 32 bits
    }

    /// Returns the last second in which a line can claim, confirmed by the vault now.
    function _end(Rollup storage rollup, uint256 unbondingDelay) private view returns (uint256 end) {
        uint256 claimLife = rollup.terms.claimLife();
        require(
            unbondingDelay >= claimLife + 2 * SPARE,
            IRollupHub.UnbondingTooShort(unbondingDelay, claimLife + 2 * SPARE)
        );
        end = block.timestamp + unbondingDelay - claimLife - SPARE;
        if (end > DoorFields.NEVER) end = DoorFields.NEVER;
    }
}
