// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Status} from "../hub/Status.sol";
import {Asset, ERC20, ERC721, ERC1155, NATIVE} from "./Asset.sol";
import {Limiter} from "./Limiter.sol";

/// What one rollup holds of one asset: `zero(22 bits) ‖ isHome(1) ‖ isLimited(1) ‖ clear u104 ‖ balance u128`.
/// - balance [units of the asset]
/// - clear: when the limiter's bucket is empty [2^-64 s since 1970]
/// - isHome: the asset is the mirror of something born on this rollup: never held, always burned
type Account is uint256;

using AccountReading for Account global;

/// Fields of `Account`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library AccountReading {
    uint256 internal constant LIMITED = 1 << 232;
    uint256 internal constant HOME = 1 << 233;
    uint256 internal constant CLEAR = ((1 << 104) - 1) << 128;

    function balance(Account account) internal pure returns (uint256) {
        return uint128(Account.unwrap(account));
    }

    function clear(Account account) internal pure returns (uint256) {
        return uint104(Account.unwrap(account) >> 128);
    }

    function isLimited(Account account) internal pure returns (bool) {
        return Account.unwrap(account) & LIMITED != 0;
    }

    function isHome(Account account) internal pure returns (bool) {
        return Account.unwrap(account) & HOME != 0;
    }

    function withClear(Account account, uint104 value) internal pure returns (Account) {
        return Account.wrap((Account.unwrap(account) & ~CLEAR) | (uint256(value) << 128));
    }

    function withFlag(Account account, uint256 flag, bool isSet) internal pure returns (Account) {
        return Account.wrap(isSet ? Account.unwrap(account) | flag : Account.unwrap(account) & ~flag);
    }
}

/// How an attempt to take out of escrow ended.
enum Taking {
    Done,
    Short, // the rollup holds less
    Queued // the limiter lets it go later
}

/// Who holds what: an account per rollup and asset, so that one rollup can never spend another's.
/// @dev Invariant: the bridge's balance of an asset is at least the sum of its accounts; an ERC-721 token with a holder is the
/// bridge's. Assets born on a rollup have no account with it: their mirror's supply is the account.
library Escrow {
    struct Book {
        mapping(RollupId rollup => mapping(bytes32 key => Account)) accounts;
        mapping(address token => mapping(uint256 id => RollupId)) holders;
        mapping(RollupId rollup => mapping(bytes32 key => uint128)) limits; // [units/day]
        mapping(RollupId rollup => mapping(uint256 index => uint64)) payableFrom; // queued exits [s since 1970]
    }

    /// @notice Raised when an account can't hold more: at most 2^128 - 1 units. Deposit less.
    error EscrowFull(RollupId rollup, Asset asset, uint256 balance, uint256 amount);
    /// @notice Raised when an NFT is deposited that the bridge keeps for a rollup already. Exit it from `holder` first; if you do hold it,
    /// its contract lets it be owned twice, and it can't be bridged.
    error NftHeldAlready(address token, uint256 id, RollupId holder);

    /// @notice Emitted when the rollup's limiter lets an exit go later. Call again from that time on.
    event ExitQueued(RollupId indexed rollup, uint256 indexed index, uint256 payableFrom);

    /// Returns the key of an account: the asset, for a multi-token `keccak(asset, id)`.
    function keyOf(Asset asset, uint256 id) internal pure returns (bytes32) {
        return asset.kind() == ERC1155 ? keccak256(abi.encode(asset, id)) : Asset.unwrap(asset);
    }

    /// Adds to an account.
    function put(Book storage book, RollupId rollup, Asset asset, uint256 id, uint256 amount) internal {
        bytes32 key = Asset.unwrap(asset);
        if (asset.kind() > ERC20) {
            if (asset.kind() == ERC721) return _putNft(book, rollup, asset, id);
            key = keyOf(asset, id);
        }
        mapping(bytes32 key => Account) storage accounts = book.accounts[rollup];
        Account account = accounts[key];
        uint256 balance = account.balance();
        require(amount <= type(uint128).max - balance, EscrowFull(rollup, asset, balance, amount));
        if (account.isLimited()) {
            account = account.withClear(
                Limiter.relieve(account.clear(), balance + amount, book.limits[rollup][key], amount)
            );
        }
        // The balance, in the low bits, doesn't overflow: bounded above.
        unchecked {
            accounts[key] = Account.wrap(Account.unwrap(account) + amount);
        }
    }

    /// Takes an exit out of an account, as its limiter allows.
    /// @param index of the exit, under which it queues
    /// @return taking Done: the amount is out; else nothing has changed but the queue
    /// @return before the account as it was, for `restore`
    function take(
        Book storage book,
        IInbox hub,
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        uint256 index
    ) internal returns (Taking taking, Account before) {
        bytes32 key = Asset.unwrap(asset);
        if (asset.kind() > ERC20) {
            if (asset.kind() == ERC721) return (_takeNft(book, rollup, asset, id), before);
            key = keyOf(asset, id);
        }
        mapping(bytes32 key => Account) storage accounts = book.accounts[rollup];
        before = accounts[key];
        if (before.balance() < amount) return (Taking.Short, before);
        Account account = before;
        if (account.isLimited()) {
            bool isQueued;
            (isQueued, account) = _queue(book, hub, rollup, key, account, amount, index);
            if (isQueued) return (Taking.Queued, before);
        }
        // The balance, in the low bits, doesn't fall below zero: compared above.
        unchecked {
            accounts[key] = Account.wrap(Account.unwrap(account) - amount);
        }
    }

    /// Takes out of an account whatever its limiter says: what an escaped rollup owes.
    function takeFreely(
        Book storage book,
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount
    ) internal returns (Taking) {
        if (asset.kind() == ERC721) return _takeNft(book, rollup, asset, id);
        bytes32 key = keyOf(asset, id);
        Account account = book.accounts[rollup][key];
        if (account.balance() < amount) return Taking.Short;
        // As in `take`.
        unchecked {
            book.accounts[rollup][key] = Account.wrap(Account.unwrap(account) - amount);
        }
        return Taking.Done;
    }

    /// Undoes a `take` whose payment failed. Nothing may have touched the book in between.
    function restore(Book storage book, RollupId rollup, Asset asset, uint256 id, Account before) internal {
        if (asset.kind() == ERC721) book.holders[asset.token()][id] = rollup;
        else book.accounts[rollup][keyOf(asset, id)] = before;
    }

    /// Notes that an asset is the mirror of something born on the rollup.
    function setHome(Book storage book, RollupId rollup, Asset mirror) internal {
        mapping(bytes32 key => Account) storage accounts = book.accounts[rollup];
        bytes32 key = Asset.unwrap(mirror);
        accounts[key] = accounts[key].withFlag(AccountReading.HOME, true);
    }

    /// Returns true for what is kept in accounts: native coin and tokens that live on L1.
    function isKept(Asset asset) internal pure returns (bool) {
        return asset.kind() <= ERC1155;
    }

    /// Returns true for the fungible kinds that live on L1.
    function isFungible(Asset asset) internal pure returns (bool) {
        return asset.kind() == NATIVE || asset.kind() == ERC20;
    }

    /// Asks the limiter; an exit that must wait is entered once and keeps its time.
    /// @return isQueued true if it must wait (longer)
    /// @return next the account with the bucket as it is then
    function _queue(
        Book storage book,
        IInbox hub,
        RollupId rollup,
        bytes32 key,
        Account account,
        uint256 amount,
        uint256 index
    ) private returns (bool isQueued, Account next) {
        if (hub.statusOf(rollup) >= Status.Draining) return (false, account);
        uint64 from = book.payableFrom[rollup][index];
        if (from != 0) return (from > block.timestamp, account);
        uint104 clear;
        (clear, from) = Limiter.admit(account.clear(), account.balance(), book.limits[rollup][key], amount);
        next = account.withClear(clear);
        if (from <= block.timestamp) return (false, next);
        book.payableFrom[rollup][index] = from;
        book.accounts[rollup][key] = next;
        emit ExitQueued(rollup, index, from);
        return (true, next);
    }

    function _putNft(Book storage book, RollupId rollup, Asset asset, uint256 id) private {
        RollupId holder = book.holders[asset.token()][id];
        require(RollupId.unwrap(holder) == 0, NftHeldAlready(asset.token(), id, holder));
        book.holders[asset.token()][id] = rollup;
    }

    function _takeNft(Book storage book, RollupId rollup, Asset asset, uint256 id) private returns (Taking) {
        RollupId holder = book.holders[asset.token()][id];
        if (RollupId.unwrap(holder) != RollupId.unwrap(rollup)) return Taking.Short;
        book.holders[asset.token()][id] = RollupId.wrap(0);
        return Taking.Done;
    }
}
