// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What the hub's constructor asks the bridge it is given.
interface IBridgeOfHub {
    /// Returns the hub whose rollups' assets the bridge holds.
    function hub() external view returns (address);
}
