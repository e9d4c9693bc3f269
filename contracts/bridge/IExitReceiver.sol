// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";

/// A contract that is called when it is paid by an exit.
/// @dev Warning: authenticate `msg.sender` (the bridge's `exitCaller`), the rollup and the sender there: anyone can deploy a rollup whose
/// exits say anything. Whoever pushes the exit chooses the gas: don't treat a failing inner call as an answer.
interface IExitReceiver {
    /// Called after the asset has been paid to this contract. Reverting undoes the payment; the exit stays claimable.
    /// @param l2Sender who let the exit out, on the rollup
    /// @param asset `kind u8 ‖ zero(11) ‖ token address(20)`, as the rollup knows it; the id of an NFT or a multi-token isn't said, `data` may hold it
    /// @param amount in the asset's smallest unit; 1 for an NFT
    /// @param data as the sender gave it
    function onExit(
        RollupId rollup,
        address l2Sender,
        Asset asset,
        uint256 amount,
        bytes calldata data
    ) external;
}
