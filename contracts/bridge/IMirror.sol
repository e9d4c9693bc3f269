// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";

/// The L1 token of something that was born on a rollup. Its supply is what has left the rollup.
/// @dev One clone per (rollup, L2 address, kind), deployed by the bridge at an address that is known before. Only the bridge mints, for
/// a proven exit, and burns what its holder brings back.
interface IMirror {
    /// @notice Raised when somebody else than the bridge mints, burns or opens. Exit or deposit through the bridge.
    error CallerNotMirrorsBridge(address caller);
    /// @notice Raised when a mirror is asked to burn an NFT of somebody else than its holder. Deposit it from the account that holds it.
    error NftNotHolders(address holder, uint256 id);
    /// @notice Raised when a mirror is asked to burn fungible tokens by an id, or an NFT other than once. Nothing to
    /// do: the bridge asks for neither.
    error BurnMisshapen(uint256 id, uint256 amount);

    /// Returns where the token was born: the bridge it belongs to, the rollup and its address there.
    function origin() external view returns (address bridge, RollupId rollup, address l2Token);

    /// Names the mirror. The bridge, once, when it deploys the mirror.
    function open(string calldata name, string calldata symbol, string calldata uri) external;

    /// Mints what an exit brought. The bridge.
    /// @param id 0 for fungible tokens
    /// @param amount [units], 1 for an NFT
    /// @param uri of the NFT, empty if it is known from an earlier exit
    function mint(address to, uint256 id, uint256 amount, string calldata uri) external;

    /// Burns what its holder sends back to the rollup. The bridge, for its caller.
    function burn(address from, uint256 id, uint256 amount) external;
}
