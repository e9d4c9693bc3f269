// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// A player of matches that is a contract, for tests: does what it is told, and may refuse coins or call back when it is paid.
contract Puppet {
    error CoinsRefused();

    bool public isRefusing;
    address public callbackTarget;
    bytes public callbackData;
    bool public hasCallbackSucceeded;

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        require(!isRefusing, CoinsRefused());
        if (callbackTarget != address(0)) (hasCallbackSucceeded, ) = callbackTarget.call(callbackData);
    }

    function setRefusing(bool refusing) external {
        isRefusing = refusing;
    }

    function setCallback(address target, bytes calldata data) external {
        callbackTarget = target;
        callbackData = data;
    }

    /// Calls on, and reverts as the callee does.
    function act(address target, bytes calldata data) external payable {
        (bool success, bytes memory answer) = target.call{value: msg.value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}
