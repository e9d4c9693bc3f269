// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IMirror} from "./IMirror.sol";
import {Mirror} from "./Mirror.sol";

/// The L1 token of a multi-token that was born on a rollup.
contract MirrorERC1155 is ERC1155, Mirror {
    string public name;
    string public symbol;

    constructor() ERC1155("") {}

    /// @inheritdoc IMirror
    function open(string calldata name_, string calldata symbol_, string calldata uri_) external onlyBridge {
        name = name_;
        symbol = symbol_;
        _setURI(uri_);
    }

    /// @inheritdoc IMirror
    function mint(address to, uint256 id, uint256 amount, string calldata) external onlyBridge {
        _mint(to, id, amount, "");
    }

    /// @inheritdoc IMirror
    function burn(address from, uint256 id, uint256 amount) external onlyBridge {
        _burn(from, id, amount);
    }
}
