// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IBridgeOfHub} from "../hub/IBridgeOfHub.sol";

/// A bridge for tests of the hub: it only knows its hub. Tests act in its name.
contract BridgeMock is IBridgeOfHub {
    /// @inheritdoc IBridgeOfHub
    address public immutable hub;

    constructor(address hub_) {
        hub = hub_;
    }
}
