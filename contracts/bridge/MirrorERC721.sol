// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IMirror} from "./IMirror.sol";
import {Mirror} from "./Mirror.sol";

/// The L1 collection of NFTs that were born on a rollup.
/// @dev A collection whose URIs are one base followed by the id in decimal, as the ledger's are, stores the base once. A URI that
/// doesn't fit is stored by itself. URIs outlive a burn: an NFT that comes back is the same NFT.
contract MirrorERC721 is ERC721, Mirror {
    string private _mirrorName;
    string private _mirrorSymbol;
    string private _base;
    bytes32 private _baseHash;
    mapping(uint256 id => string) private _uris;

    constructor() ERC721("", "") {}

    /// @inheritdoc IMirror
    function open(string calldata name_, string calldata symbol_, string calldata) external onlyBridge {
        _mirrorName = name_;
        _mirrorSymbol = symbol_;
    }

    /// @inheritdoc IMirror
    function mint(address to, uint256 id, uint256, string calldata uri) external onlyBridge {
        if (bytes(uri).length != 0) _remember(id, uri);
        _mint(to, id);
    }

    /// @inheritdoc IMirror
    function burn(address from, uint256 id, uint256 amount) external onlyBridge {
        require(amount == 1, BurnMisshapen(id, amount));
        require(_ownerOf(id) == from, NftNotHolders(from, id));
        _burn(id);
    }

    function name() public view override returns (string memory) {
        return _mirrorName;
    }

    function symbol() public view override returns (string memory) {
        return _mirrorSymbol;
    }

    function tokenURI(uint256 id) public view override returns (string memory) {
        _requireOwned(id);
        string storage own = _uris[id];
        return bytes(own).length == 0 ? string.concat(_base, Strings.toString(id)) : own;
    }

    function _remember(uint256 id, string calldata uri) private {
        bytes calldata whole = bytes(uri);
        bytes memory digits = bytes(Strings.toString(id));
        if (whole.length >= digits.length) {
            uint256 at = whole.length - digits.length;
            if (keccak256(whole[at:]) == keccak256(digits)) {
                bytes32 baseHash = keccak256(whole[:at]);
                if (_baseHash == 0) {
                    _base = string(whole[:at]);
                    _baseHash = baseHash;
                }
                if (_baseHash == baseHash) {
                    delete _uris[id];
                    return;
                }
            }
        }
        _uris[id] = uri;
    }
}
