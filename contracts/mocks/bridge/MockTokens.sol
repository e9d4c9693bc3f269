// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

contract MockERC20 is ERC20, ERC20Permit {
    constructor() ERC20("Token", "TKN") ERC20Permit("Token") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// Nothing but the standard.
contract MockFixedERC20 is ERC20 {
    constructor() ERC20("Fixed", "FIX") {
        _mint(msg.sender, 10 ** 27);
    }
}

/// Takes a tenth of every transfer for itself, out of what is sent or on top of it.
contract MockTaxedERC20 is ERC20 {
    bool public isOnTop;

    constructor() ERC20("Taxed", "TAX") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setOnTop(bool isOnTop_) external {
        isOnTop = isOnTop_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0)) return super._update(from, to, amount);
        uint256 tax = amount / 10;
        super._update(from, address(this), tax);
        super._update(from, to, isOnTop ? amount : amount - tax);
    }
}

/// Returns nothing, as the oldest tokens do.
contract MockSilentERC20 {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Returns false instead of reverting, and refuses to pay the addresses on its list.
contract MockBlockingERC20 is ERC20 {
    mapping(address => bool) public isBlocked;

    constructor() ERC20("Blocking", "BLK") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool value) external {
        isBlocked[account] = value;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !isBlocked[to] && super.transfer(to, amount);
    }
}

/// Calls its sender before a transfer and its receiver after it, as ERC-777 does.
contract MockHookedERC20 is ERC20 {
    constructor() ERC20("Hooked", "HKD") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        _call(from);
        super._update(from, to, amount);
        _call(to);
    }

    /// Those without a hook don't mind.
    function _call(address holder) private {
        if (holder.code.length == 0) return;
        try IHooked(holder).onMoving(address(this)) {} catch {}
    }
}

interface IHooked {
    function onMoving(address token) external;
}

/// Its balances shrink and grow by themselves.
contract MockRebasingERC20 {
    mapping(address => uint256) public sharesOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public perShare = 100; // [%]

    function mint(address to, uint256 shares) external {
        sharesOf[to] += shares;
    }

    function setPerShare(uint256 perShare_) external {
        perShare = perShare_;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function balanceOf(address holder) public view returns (uint256) {
        return (sharesOf[holder] * perShare) / 100;
    }

    function transfer(address to, uint256 amount) public returns (bool) {
        uint256 shares = (amount * 100) / perShare;
        sharesOf[msg.sender] -= shares;
        sharesOf[to] += shares;
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        uint256 shares = (amount * 100) / perShare;
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        return true;
    }
}

/// A token that is fine until somebody tells it not to be.
contract MockRogueERC20 is ERC20 {
    enum Whim {
        Obeys,
        Reverts,
        BurnsGasPaying,
        BurnsGasCounting,
        Bombs,
        TakesMore
    }

    Whim public whim;

    error NotNow();

    constructor() ERC20("Rogue", "RGE") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setWhim(Whim whim_) external {
        whim = whim_;
    }

    function balanceOf(address holder) public view override returns (uint256) {
        while (whim == Whim.BurnsGasCounting) {}
        return super.balanceOf(holder);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        require(whim != Whim.Reverts, NotNow());
        while (whim == Whim.BurnsGasPaying) {}
        if (whim == Whim.Bombs) {
            assembly ("memory-safe") {
                return(0, 1000000)
            }
        }
        if (whim == Whim.TakesMore) _burn(msg.sender, 1);
        return super.transfer(to, amount);
    }
}

/// Says that it moved, and didn't.
contract MockIdleERC721 is ERC721 {
    constructor() ERC721("Idle", "IDL") {}

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function transferFrom(address, address, uint256) public override {}
}

contract MockERC721 is ERC721 {
    constructor() ERC721("Thing", "TNG") {}

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }
}

contract MockERC1155 is ERC1155 {
    constructor() ERC1155("ipfs://{id}") {}

    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount, "");
    }
}
