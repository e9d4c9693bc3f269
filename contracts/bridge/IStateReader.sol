// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Asset} from "./Asset.sol";

/// What an account holds under a state root.
struct Holding {
    address owner;
    Asset asset;
    uint256 id;
    uint256 amount; // [units of the asset], more than 0
    bytes32 metadataHash; // as in an exit leaf; kinds 5 … 7 only
    bool isKeyOnly; // paid on the owner's signature only
}

/// Proves what accounts hold under the state roots of one program. Used only when a rollup has escaped.
/// @dev Safety: returns only what the state owes to an account that could exit it, and each (owner, asset, id) once: two proofs of one
/// holding return the same words. Liveness: every such holding has a proof.
interface IStateReader {
    /// Returns what `proof` shows; reverts if it shows nothing.
    function holding(bytes32 stateRoot, bytes calldata proof) external view returns (Holding memory);
}
