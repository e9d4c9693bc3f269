// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {History} from "./History.sol";
import {IAltToken} from "./IAltToken.sol";

/// @title ALT: the token that secures rollups.
/// @dev Written out rather than assembled from a library for one reason: a balance shares a slot with its delegate, and two vote
/// checkpoints share one, which takes 4 k gas off every transfer and 30 k off every slash (docs/decisions/061).
/// Trusts nobody and calls nobody. Invariants: Σ balances = totalSupply ≤ CAP; totalSupply never rises; the votes of a delegate
/// are the sum of the balances delegated to him.
contract AltToken is IAltToken, IERC20Errors, EIP712, Nonces {
    using History for History.Log;

    /// slot: balance96 delegatee160
    struct Account {
        /// [ALT wei]; 10^28 < 2^94
        uint96 balance;
        address delegatee;
    }

    /// slot 0: current96 count64 · then the history
    struct Votes {
        /// The last value in the history [ALT wei].
        uint96 current;
        /// Entries in the history.
        uint64 count;
        History.Log history;
    }

    uint256 public constant CAP = 10_000_000_000e18;
    // solhint-disable const-name-snakecase
    string public constant name = "ALT";
    string public constant symbol = "ALT";
    uint8 public constant decimals = 18;
    // solhint-enable const-name-snakecase
    /// @inheritdoc IERC6372
    string public constant CLOCK_MODE = "mode=timestamp";

    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant DELEGATION = keccak256(
        "Delegation(address delegatee,uint256 nonce,uint256 expiry)"
    );

    uint256 public totalSupply;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;
    mapping(address account => Account) private _accounts;
    mapping(address delegatee => Votes) private _votes;

    /// @param holder Gets the whole supply.
    constructor(address holder) EIP712(name, "1") {
        require(holder != address(0), ERC20InvalidReceiver(holder));
        totalSupply = CAP;
        _accounts[holder].balance = uint96(CAP); // fits: 10^28 < 2^94
        emit Transfer(address(0), holder, CAP);
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            require(allowed >= value, ERC20InsufficientAllowance(msg.sender, allowed, value));
            allowance[from][msg.sender] = allowed - value;
        }
        _transfer(from, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @inheritdoc IAltToken
    function burn(uint256 amount) external {
        address delegatee = _debit(msg.sender, amount);
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        _moveVotes(delegatee, address(0), amount);
    }

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(block.timestamp <= deadline, SignatureExpired(deadline));
        bytes32 hash = keccak256(abi.encode(PERMIT, owner, spender, value, _useNonce(owner), deadline));
        address signer = ECDSA.recover(_hashTypedDataV4(hash), v, r, s);
        require(signer == owner, PermitSignerInvalid(signer, owner));
        _approve(owner, spender, value);
    }

    /// @inheritdoc IAltToken
    function delegate(address delegatee) external {
        _delegate(msg.sender, delegatee);
    }

    /// @inheritdoc IAltToken
    function delegateBySig(
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(block.timestamp <= expiry, SignatureExpired(expiry));
        bytes32 hash = keccak256(abi.encode(DELEGATION, delegatee, nonce, expiry));
        address signer = ECDSA.recover(_hashTypedDataV4(hash), v, r, s);
        _useCheckedNonce(signer, nonce);
        _delegate(signer, delegatee);
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].balance;
    }

    /// @inheritdoc IAltToken
    function delegates(address account) external view returns (address) {
        return _accounts[account].delegatee;
    }

    /// @inheritdoc IAltToken
    function getVotes(address account) external view returns (uint256) {
        return _votes[account].current;
    }

    /// @inheritdoc IAltToken
    function getPastVotes(address account, uint256 time) external view returns (uint256) {
        require(time < block.timestamp, VotesNotSettled(time, block.timestamp));
        return _votes[account].history.at(_votes[account].count, time, 0);
    }

    /// @inheritdoc IERC6372
    function clock() external view returns (uint48) {
        return uint48(block.timestamp); // fits for nine million years
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IERC20Permit
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _transfer(address from, address to, uint256 value) private {
        require(to != address(0), ERC20InvalidReceiver(to));
        address delegatee = _debit(from, value);
        Account storage receiver = _accounts[to];
        receiver.balance += uint96(value); // fits: at most the balance it came from
        emit Transfer(from, to, value);
        _moveVotes(delegatee, receiver.delegatee, value);
    }

    function _debit(address from, uint256 value) private returns (address delegatee) {
        Account storage sender = _accounts[from];
        uint256 balance = sender.balance;
        require(value <= balance, ERC20InsufficientBalance(from, balance, value));
        sender.balance = uint96(balance - value); // fits: it falls
        return sender.delegatee;
    }

    function _approve(address owner, address spender, uint256 value) private {
        require(spender != address(0), ERC20InvalidSpender(spender));
        allowance[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    function _delegate(address account, address delegatee) private {
        Account storage entry = _accounts[account];
        address previous = entry.delegatee;
        entry.delegatee = delegatee;
        emit DelegateChanged(account, previous, delegatee);
        _moveVotes(previous, delegatee, entry.balance);
    }

    function _moveVotes(address from, address to, uint256 amount) private {
        if (from == to || amount == 0) return;
        if (from != address(0)) _setVotes(from, _votes[from].current - amount);
        if (to != address(0)) _setVotes(to, _votes[to].current + amount);
    }

    function _setVotes(address delegatee, uint256 value) private {
        Votes storage votes = _votes[delegatee];
        uint256 previous = votes.current;
        // Fits: 2^64 entries can't be paid for.
        votes.count = uint64(votes.history.push(votes.count, block.timestamp, value));
        votes.current = uint96(value); // fits: a sum of balances
        emit DelegateVotesChanged(delegatee, previous, value);
    }
}
