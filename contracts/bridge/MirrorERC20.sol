// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IMirror} from "./IMirror.sol";
import {Mirror} from "./Mirror.sol";

/// The L1 token of a fungible asset that was born on a rollup, with permits.
/// @dev The EIP-712 domain of every mirror is named "Rollworks mirror" (ask `eip712Domain`): it stands in the code they share.
contract MirrorERC20 is ERC20, ERC20Permit, Mirror {
    string private _mirrorName;
    string private _mirrorSymbol;

    /// Where the asset's own description is (ERC-7572).
    string public contractURI;

    constructor() ERC20("", "") ERC20Permit("Rollworks mirror") {}

    /// @inheritdoc IMirror
    function open(string calldata name_, string calldata symbol_, string calldata uri) external onlyBridge {
        _mirrorName = name_;
        _mirrorSymbol = symbol_;
        contractURI = uri;
    }

    /// @inheritdoc IMirror
    function mint(address to, uint256, uint256 amount, string calldata) external onlyBridge {
        _mint(to, amount);
    }

    /// @inheritdoc IMirror
    function burn(address from, uint256 id, uint256 amount) external onlyBridge {
        require(id == 0, BurnMisshapen(id, amount));
        _burn(from, amount);
    }

    function name() public view override returns (string memory) {
        return _mirrorName;
    }

    function symbol() public view override returns (string memory) {
        return _mirrorSymbol;
    }
}
