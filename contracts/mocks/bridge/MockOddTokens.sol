// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// A collection from before ERC-721, as CryptoKitties: `transfer(to, id)` looks like that of an ERC-20 token.
contract MockOldCollection {
    mapping(uint256 id => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 id => address) public approved;

    error NotYours(address caller, uint256 id);

    function mint(address to, uint256 id) external {
        ownerOf[id] = to;
        ++balanceOf[to];
    }

    function approve(address spender, uint256 id) external {
        require(ownerOf[id] == msg.sender, NotYours(msg.sender, id));
        approved[id] = spender;
    }

    function transfer(address to, uint256 id) external {
        require(ownerOf[id] == msg.sender, NotYours(msg.sender, id));
        _move(msg.sender, to, id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        bool isAllowed = msg.sender == from || msg.sender == approved[id];
        require(ownerOf[id] == from && isAllowed, NotYours(msg.sender, id));
        _move(from, to, id);
    }

    function _move(address from, address to, uint256 id) private {
        --balanceOf[from];
        ++balanceOf[to];
        ownerOf[id] = to;
        delete approved[id];
    }
}

/// Moves what it is asked to, and then returns false.
contract MockDenyingERC20 is ERC20 {
    bool public isDenying;

    constructor() ERC20("Denying", "DNY") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setDenying(bool isDenying_) external {
        isDenying = isDenying_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return super.transfer(to, amount) && !isDenying;
    }
}

/// Moves what it is asked to, and then returns 0, where the standard returns nothing.
contract MockDenyingERC721 is ERC721 {
    bool public isDenying;

    constructor() ERC721("Denying", "DNY") {}

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function setDenying(bool isDenying_) external {
        isDenying = isDenying_;
    }

    function transferFrom(address from, address to, uint256 id) public override {
        super.transferFrom(from, to, id);
        if (!isDenying) return;
        assembly ("memory-safe") {
            mstore(0, 0)
            return(0, 32)
        }
    }
}

/// Moves what it is asked to, and then returns 0, where the standard returns nothing.
contract MockDenyingERC1155 is ERC1155 {
    bool public isDenying;

    constructor() ERC1155("") {}

    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount, "");
    }

    function setDenying(bool isDenying_) external {
        isDenying = isDenying_;
    }

    function safeTransferFrom(
        address from,
        address to,
        uint256 id,
        uint256 amount,
        bytes memory data
    ) public override {
        super.safeTransferFrom(from, to, id, amount, data);
        if (!isDenying) return;
        assembly ("memory-safe") {
            mstore(0, 0)
            return(0, 32)
        }
    }
}

/// A collection that moves its pieces by `transfer(to, id)`, as an ERC-20 moves amounts, and knows no balances.
contract MockCollectionOfOld {
    mapping(uint256 id => address holder) public ownerOf;

    error NotHis(address holder, uint256 id);

    function mint(address to, uint256 id) external {
        ownerOf[id] = to;
    }

    function transfer(address to, uint256 id) external {
        require(ownerOf[id] == msg.sender, NotHis(msg.sender, id));
        ownerOf[id] = to;
    }

    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == from, NotHis(from, id));
        ownerOf[id] = to;
    }
}
