// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Asset, assetOf, BORN_COLLECTION, BORN_FUNGIBLE, ERC20, ERC721, NATIVE} from "./Asset.sol";
import {Consents} from "./Consents.sol";
import {Escapes} from "./Escapes.sol";
import {Account, AccountReading, Escrow, Taking} from "./Escrow.sol";
import {EscrowKeeper, MirrorCode} from "./EscrowKeeper.sol";
import {ExitHead, ExitLeaf} from "./ExitLeaf.sol";
import {Consent, ExitProof, ICanonicalBridge} from "./ICanonicalBridge.sol";
import {Origin} from "./Mirrors.sol";
import {Sales} from "./Sales.sol";

/// The canonical bridge of a hub: deposits, exits and moves, in the order of their checks. Proofs and consents stand in `Leaves`, what is sold
/// and what an escaped rollup owes in `Sales` and `Escapes`, what moves assets in `EscrowKeeper`.
/// @dev See `ICanonicalBridge` for trust and invariants. One transient lock over every verb that moves assets. The constructor's hub must name this
/// contract as its bridge.
contract CanonicalBridge is Sales, Escapes {
    using Escrow for Escrow.Book;

    constructor(
        IInbox hub_,
        MirrorCode memory code
    ) EscrowKeeper(hub_, code) EIP712("Rollworks Bridge", "1") {}

    // ------------------------------------------------------------------------------------------------------ deposits

    /// @inheritdoc ICanonicalBridge
    function depositNative(
        RollupId rollup,
        address to,
        bytes calldata data
    ) external payable locked returns (uint64) {
        require(msg.value != 0, NothingDeposited(address(0)));
        Asset asset = assetOf(NATIVE, address(0));
        _book.put(rollup, asset, 0, msg.value);
        return _announce(rollup, asset, 0, msg.value, to, data);
    }

    /// @inheritdoc ICanonicalBridge
    function deposit(
        RollupId rollup,
        address token,
        uint256 amount,
        address to,
        bytes calldata data
    ) external locked returns (uint64) {
        return _deposit(rollup, token, amount, to, data);
    }

    /// @inheritdoc ICanonicalBridge
    function depositWithPermit(
        RollupId rollup,
        address token,
        uint256 amount,
        address to,
        bytes calldata data,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external locked returns (uint64) {
        // The owner is always the caller, so a token chosen by him can be asked for nothing else.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return _deposit(rollup, token, amount, to, data);
    }

    /// @inheritdoc ICanonicalBridge
    function depositNft(
        RollupId rollup,
        address token,
        uint256 id,
        address to,
        bytes calldata data
    ) external locked returns (uint64) {
        return _announce(rollup, _takeNft(rollup, token, id), id, 1, to, data);
    }

    /// @inheritdoc ICanonicalBridge
    function depositMulti(
        RollupId rollup,
        address token,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        address to,
        bytes calldata data
    ) external locked returns (uint64 firstMessageIndex) {
        require(ids.length == amounts.length, IdsAmountsMismatch(ids.length, amounts.length));
        require(ids.length != 0, NothingDeposited(token));
        for (uint256 i; i < ids.length; ++i) {
            (Asset asset, uint256 arrived) = _takeMulti(rollup, token, ids[i], amounts[i]);
            uint64 index = _announce(rollup, asset, ids[i], arrived, to, data);
            if (i == 0) firstMessageIndex = index;
        }
    }

    // --------------------------------------------------------------------------------------------------------- exits

    /// @inheritdoc ICanonicalBridge
    function exit(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) external locked returns (bool isPaid) {
        return _exit(leaf, siblings, proof, msg.data[:0], msg.data[:0]);
    }

    /// @inheritdoc ICanonicalBridge
    function exitWith(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        bytes calldata data
    ) external locked returns (bool isPaid) {
        return _exit(leaf, siblings, proof, metadata, data);
    }

    /// @inheritdoc ICanonicalBridge
    function exitBatch(
        ExitLeaf[] calldata leaves,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes[] calldata metadata
    ) external locked returns (uint256 paid) {
        _requireRunProven(leaves, siblings, proof);
        require(
            metadata.length == 0 || metadata.length == leaves.length,
            RunMetadataMismatch(metadata.length, leaves.length)
        );
        RollupId rollup = proof.place.rollup();
        uint256 first = proof.place.index();
        // A run is aligned and at most 128 long: one word holds it. Under the lock, nothing else writes the word.
        uint256 at = first & (LONGEST_RUN - 1);
        uint256 word = _leaves[_wordKey(rollup, first)];
        for (uint256 i; i < leaves.length; ++i) {
            uint256 marked = word | (1 << (at + i));
            if (marked == word) continue;
            bytes calldata own = metadata.length == 0 ? msg.data[:0] : metadata[i];
            if (_exitInRun(rollup, leaves[i], first + i, marked, own)) {
                word = marked;
                paid |= 1 << i;
            }
        }
        emit RunPaid(rollup, first, paid);
    }

    /// @inheritdoc ICanonicalBridge
    function exitTo(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        address recipient,
        Consent calldata consent
    ) external locked returns (bool isPaid) {
        require(recipient != address(0), RecipientZero());
        bytes32 leafHash = _requireProven(leaf, siblings, proof);
        RollupId rollup = proof.place.rollup();
        uint256 index = proof.place.index();
        require(leaf.head.version() == 1, ExitVersionUnknown(leaf.head.version()));
        (uint256 word, address owner) = _requireUnspent(rollup, index, leafHash);
        RollupId target = leaf.head.target();
        if (RollupId.unwrap(target) != 0) {
            bool mayBeStuck = leaf.dataHash != 0 || leaf.head.isKeyOnly();
            require(mayBeStuck || !hub.acceptsDeposits(target), TargetAccepts(target));
            owner = leaf.fallbackTo;
        } else if (owner == address(0)) {
            owner = leaf.to;
        }
        bytes32 structHash = Consents.exitTo(rollup, index, leafHash, recipient, consent.deadline);
        if (leaf.head.isKeyOnly()) _requireKey(owner, structHash, consent);
        else _requireConsent(owner, structHash, consent);
        Asset asset = leaf.head.asset();
        if (!_takeOrQueue(rollup, asset, leaf, index, word)) return false;
        _payExit(rollup, asset, leaf, index, recipient, metadata);
        return true;
    }

    // --------------------------------------------------------------------------------------------------------- moves

    /// @inheritdoc ICanonicalBridge
    function move(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        bytes calldata data
    ) external locked returns (bool isMoved, uint64 messageIndex) {
        bytes32 leafHash = _requireProven(leaf, siblings, proof);
        RollupId rollup = proof.place.rollup();
        uint256 index = proof.place.index();
        require(leaf.head.version() == 1, ExitVersionUnknown(leaf.head.version()));
        RollupId target = leaf.head.target();
        require(RollupId.unwrap(target) != 0, ExitGoesToL1());
        require(!leaf.head.isKeyOnly(), ExitNeedsKey(leaf.fallbackTo));
        _requireData(leaf.dataHash, data);
        (uint256 word, ) = _requireUnspent(rollup, index, leafHash);
        Asset asset = leaf.head.asset();
        _requireShape(asset, leaf.id, leaf.amount);
        if (!_takeOrQueue(rollup, asset, leaf, index, word)) return (false, 0);
        asset = _transfer(rollup, target, asset, leaf.id, leaf.amount, metadata, leaf.metadataHash);
        messageIndex = _enqueue(
            target,
            moverOf(rollup, leaf.l2Sender),
            asset,
            leaf.id,
            leaf.amount,
            leaf.to,
            leaf.fallbackTo,
            data
        );
        emit Moved(rollup, index, target, asset, leaf.id, leaf.amount, messageIndex);
        return (true, messageIndex);
    }

    // -------------------------------------------------------------------------------------------------------- limits

    /// @inheritdoc ICanonicalBridge
    function limitOutflow(RollupId rollup, Asset asset, uint128 perDay) external locked {
        require(msg.sender == hub.ownerOf(rollup), CallerNotRollupOwner(rollup, msg.sender));
        require(Escrow.isFungible(asset), LimitUnsupported(asset));
        bytes32 key = Asset.unwrap(asset);
        Account account = _book.accounts[rollup][key];
        bool isLooser = perDay == 0 || (account.isLimited() && perDay >= _book.limits[rollup][key]);
        require(isLooser || account.balance() == 0, LimitWouldTighten(rollup, asset, perDay));
        _book.accounts[rollup][key] = account.withFlag(AccountReading.LIMITED, perDay != 0);
        _book.limits[rollup][key] = perDay;
        emit OutflowLimited(rollup, asset, perDay);
    }

    // --------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc ICanonicalBridge
    function balanceOf(RollupId rollup, Asset asset, uint256 id) external view returns (uint256) {
        return _book.accounts[rollup][Escrow.keyOf(asset, id)].balance();
    }

    /// @inheritdoc ICanonicalBridge
    function holderOf(address token, uint256 id) external view returns (RollupId) {
        return _book.holders[token][id];
    }

    /// @inheritdoc ICanonicalBridge
    function limitOf(RollupId rollup, Asset asset) external view returns (uint128) {
        return _book.limits[rollup][Asset.unwrap(asset)];
    }

    /// @inheritdoc ICanonicalBridge
    function payableFrom(RollupId rollup, uint256 index) external view returns (uint64) {
        return _book.payableFrom[rollup][index];
    }

    /// @inheritdoc ICanonicalBridge
    function originOf(address mirror) external view returns (RollupId, Asset) {
        Origin memory origin = _origins[mirror];
        if (RollupId.unwrap(origin.rollup) == 0) return (origin.rollup, assetOf(NATIVE, address(0)));
        return (origin.rollup, assetOf(origin.kind, origin.token));
    }

    /// @inheritdoc ICanonicalBridge
    function moverOf(RollupId rollup, address l2Sender) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked("rollworks.move", rollup, l2Sender)))));
    }

    // ------------------------------------------------------------------------------------------------------ payments

    function _deposit(
        RollupId rollup,
        address token,
        uint256 amount,
        address to,
        bytes calldata data
    ) private returns (uint64) {
        (Asset asset, uint256 arrived) = _takeToken(rollup, token, amount);
        return _announce(rollup, asset, 0, arrived, to, data);
    }

    function _announce(
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        bytes calldata data
    ) private returns (uint64) {
        require(to != address(0), RecipientZero());
        return _enqueue(rollup, msg.sender, asset, id, amount, to, msg.sender, data);
    }

    /// Proof, unspent, limiter, account, mark, pay, call.
    function _exit(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        bytes calldata data
    ) private returns (bool) {
        ExitHead head = leaf.head;
        if (!head.isPlain()) {
            _requireToL1(head);
            revert ExitNeedsKey(leaf.to);
        }
        bytes32 leafHash = _requireProven(leaf, siblings, proof);
        RollupId rollup = proof.place.rollup();
        uint256 index = proof.place.index();
        (uint256 word, address recipient) = _requireUnspent(rollup, index, leafHash);
        if (recipient == address(0)) recipient = leaf.to;
        Asset asset = head.asset();
        if (!_takeOrQueue(rollup, asset, leaf, index, word)) return false;
        _payExit(rollup, asset, leaf, index, recipient, metadata);
        // Sold exits ask for no call: `front` refuses those that do.
        if (leaf.dataHash != 0) _callReceiver(rollup, leaf, index, data);
        return true;
    }

    /// Takes an exit out of escrow and marks it spent; false if the limiter queued it.
    function _takeOrQueue(
        RollupId rollup,
        Asset asset,
        ExitLeaf calldata leaf,
        uint256 index,
        uint256 word
    ) private returns (bool) {
        if (Escrow.isKept(asset)) {
            (Taking taking, ) = _book.take(hub, rollup, asset, leaf.id, leaf.amount, index);
            if (taking != Taking.Done) {
                require(taking != Taking.Short, EscrowShort(rollup, asset, leaf.id, leaf.amount));
                return false;
            }
        } else _requireKind(asset);
        _leaves[_wordKey(rollup, index)] = word | (1 << (index & (LONGEST_RUN - 1)));
        return true;
    }

    function _payExit(
        RollupId rollup,
        Asset asset,
        ExitLeaf calldata leaf,
        uint256 index,
        address recipient,
        bytes calldata metadata
    ) private {
        uint256 amount = leaf.amount;
        uint256 id = leaf.id;
        if (id == 0) emit ExitPaid(rollup, recipient, index, asset, amount);
        else emit ItemExitPaid(rollup, recipient, index, asset, amount, id);
        require(
            _pay(rollup, asset, id, amount, recipient, metadata, leaf.metadataHash, gasleft()),
            ExitPaymentFailed(rollup, index, recipient)
        );
    }

    /// Pays one exit of a proven run, if it is for anybody to push and payable now; else leaves no trace.
    /// @param marked the leaf's word with the leaf spent
    function _exitInRun(
        RollupId rollup,
        ExitLeaf calldata leaf,
        uint256 index,
        uint256 marked,
        bytes calldata metadata
    ) private returns (bool isPaid) {
        Asset asset = leaf.head.asset();
        if (!leaf.head.isPlain() || leaf.dataHash != 0 || !_isKnown(asset)) return false;
        uint256 amount = leaf.amount;
        Account before;
        if (Escrow.isKept(asset)) {
            Taking taking;
            (taking, before) = _book.take(hub, rollup, asset, leaf.id, amount, index);
            if (taking != Taking.Done) return false;
        }
        uint256 bit = index & (LONGEST_RUN - 1);
        _leaves[_wordKey(rollup, index)] = marked;
        address recipient = leaf.to;
        if ((marked >> (LONGEST_RUN + bit)) & 1 == 1) {
            address payee = _payees[rollup][_saleKey(index, leaf.hash())];
            if (payee != address(0)) recipient = payee;
        }
        isPaid = _payInRun(rollup, asset, leaf.id, amount, recipient, metadata, leaf.metadataHash);
        if (!isPaid) {
            _leaves[_wordKey(rollup, index)] = marked ^ (1 << bit);
            if (Escrow.isKept(asset)) _book.restore(rollup, asset, leaf.id, before);
            emit ExitFailed(rollup, index, recipient);
        }
    }

    function _requireData(bytes32 dataHash, bytes calldata data) private pure {
        bytes32 computed = data.length == 0 ? bytes32(0) : keccak256(data);
        require(computed == dataHash, ExitDataMismatch(computed, dataHash));
    }

    function _callReceiver(
        RollupId rollup,
        ExitLeaf calldata leaf,
        uint256 index,
        bytes calldata data
    ) private {
        _requireData(leaf.dataHash, data);
        require(
            exitCaller.deliver(leaf.to, rollup, leaf.l2Sender, leaf.head.asset(), leaf.amount, data),
            ExitCallFailed(rollup, index, leaf.to)
        );
    }

    /// What a rollup is told of must be what the bridge moved: it looks at no id of what is fungible, and at no amount of an NFT.
    function _requireShape(Asset asset, uint256 id, uint256 amount) private pure {
        uint8 kind = asset.kind();
        bool isFungible = kind <= ERC20 || kind == BORN_FUNGIBLE;
        bool isNft = kind == ERC721 || kind == BORN_COLLECTION;
        require((!isFungible || id == 0) && (!isNft || amount == 1), ExitMisshapen(asset, id, amount));
    }
}
