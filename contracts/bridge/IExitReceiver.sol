// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";

/// A contract that is called when it is paid by an exit.
/// @dev Warning: authenticate `msg.sender` (the bridge's `exitCaller`), the rollup and the sender there: anyone can deploy a rollup whose
/// exits say anything. Whoever pushes the exit chooses the gas: don't treat a failing inner call as an answer.
interface IExitReceiver {
    /// Called after the asset has been paid to this contract. Reverting undoes the payment; the exit stays claimable.
    function onExit(
        RollupId rollup,
        address l2Sender,
        Asset asset,
        uint256 amount,
        bytes calldata data
    ) external;
}
