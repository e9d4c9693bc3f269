// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../../hub/RollupId.sol";
import {Asset} from "../../bridge/Asset.sol";
import {IExitReceiver} from "../../bridge/IExitReceiver.sol";

/// Does with what it is paid as a test tells it: accepts, reverts, burns gas, returns a bomb, or calls somebody back.
contract MockReceiver is IExitReceiver {
    enum Mood {
        Accepts,
        Reverts,
        BurnsGas,
        Bombs,
        CallsBack
    }

    Mood public mood;
    address public peer;
    bytes public input;
    bool public isCalledBack;
    bytes32 public calledBackWith;
    bytes public lastData;
    address public lastCaller;
    uint256 public calls;

    error Refused();
    error NotToday();

    function set(Mood mood_, address peer_, bytes calldata input_) external {
        (mood, peer, input) = (mood_, peer_, input_);
    }

    /// Does anything as this contract.
    function act(address to, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool success, bytes memory result) = to.call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    receive() external payable {
        _react();
    }

    function onExit(RollupId, address, Asset, uint256, bytes calldata data) external {
        (lastData, lastCaller) = (data, msg.sender);
        ++calls;
        _react();
    }

    function onMoving(address) external {
        _react();
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        _react();
        return this.onERC1155Received.selector;
    }

    function _react() private {
        require(mood != Mood.Reverts, Refused());
        if (mood == Mood.BurnsGas) while (true) ++calls;
        if (mood == Mood.Bombs) {
            assembly ("memory-safe") {
                revert(0, 1000000)
            }
        }
        if (mood == Mood.CallsBack && !isCalledBack) {
            isCalledBack = true;
            (bool success, bytes memory result) = peer.call(input);
            calledBackWith = success ? bytes32(uint256(1)) : bytes32(result);
        }
    }
}

/// A contract wallet: whoever holds `signer` signs for it (EIP-1271).
contract MockWallet {
    address public immutable signer;

    constructor(address signer_) {
        signer = signer_;
    }

    receive() external payable {}

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s) = (bytes32(signature[:32]), bytes32(signature[32:64]));
        return
            ecrecover(hash, uint8(signature[64]), r, s) == signer ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// Coins that arrive without asking.
contract MockForcedSender {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}
