// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";
import {IExitReceiver} from "./IExitReceiver.sol";

/// Makes the calls that exits ask for. It owns nothing, may nothing, and makes one fixed call, so that it doesn't matter whom it calls.
/// @dev The bridge itself never calls a target that others choose: as `token.approve` it would give everyone's escrow away.
contract ExitCaller {
    address public immutable bridge;

    /// @notice Raised when somebody else than the bridge asks for a call. Exit through the bridge.
    error CallerNotExitingBridge(address caller);

    constructor() {
        bridge = msg.sender;
    }

    /// Calls the receiver of an exit; returns whether it agreed. What it returns or reverts with isn't read.
    function deliver(
        address to,
        RollupId rollup,
        address l2Sender,
        Asset asset,
        uint256 amount,
        bytes calldata data
    ) external returns (bool isDelivered) {
        require(msg.sender == bridge, CallerNotExitingBridge(msg.sender));
        bytes memory input = abi.encodeCall(IExitReceiver.onExit, (rollup, l2Sender, asset, amount, data));
        // No output is copied; a receiver without code agrees to nothing.
        assembly ("memory-safe") {
            isDelivered := and(gt(extcodesize(to), 0), call(gas(), to, 0, add(input, 32), mload(input), 0, 0))
        }
    }
}
