// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Holding, IStateReader} from "../../bridge/IStateReader.sol";

/// Takes for proven whatever a test shows, under one state root.
contract MockStateReader is IStateReader {
    bytes32 public immutable root;

    error ForeignRoot(bytes32 stateRoot);

    constructor(bytes32 root_) {
        root = root_;
    }

    /// @inheritdoc IStateReader
    function holding(bytes32 stateRoot, bytes calldata proof) external view returns (Holding memory) {
        require(stateRoot == root, ForeignRoot(stateRoot));
        return abi.decode(proof, (Holding));
    }
}
