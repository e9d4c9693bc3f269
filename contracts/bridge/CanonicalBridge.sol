// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Status} from "../hub/Status.sol";
import {
    Asset,
    assetOf,
    BORN_COLLECTION,
    BORN_FUNGIBLE,
    BORN_MULTI,
    ERC20,
    ERC721,
    ERC1155,
    NATIVE
} from "./Asset.sol";
import {Consents} from "./Consents.sol";
import {Account, AccountReading, Escrow, Taking} from "./Escrow.sol";
import {EscrowKeeper, MirrorCode} from "./EscrowKeeper.sol";
import {ExitHead, ExitLeaf} from "./ExitLeaf.sol";
import {ExitPlace} from "./ExitPlace.sol";
import {ExitTree} from "./ExitTree.sol";
import {CommitmentFields, Consent, ExitProof, ICanonicalBridge, UnreadMessage} from "./ICanonicalBridge.sol";
import {Holding, IStateReader} from "./IStateReader.sol";
import {Origin} from "./Mirrors.sol";
import {Payments} from "./Payments.sol";
import {UnreadDeposit, Unread} from "./Unread.sol";

/// The canonical bridge of a hub: proofs, consents and the order of things; what moves assets stands in `EscrowKeeper`.
/// @dev See `ICanonicalBridge` for trust and invariants. One transient lock over every verb that moves assets. The constructor's hub must name this
/// contract as its bridge.
contract CanonicalBridge is EscrowKeeper, EIP712 {
    using Escrow for Escrow.Book;

    uint256 private constant LONGEST_RUN = 128; // as many leaves as a word has bits for

    /// A word for 128 leaves, by `rollup u64 ‖ index / 128`: bit i: leaf i is spent; bit 128 + i: somebody may have bought leaf i.
    mapping(uint256 key => uint256) private _leaves;
    mapping(RollupId rollup => mapping(bytes32 sale => address)) private _payees;
    mapping(RollupId rollup => mapping(bytes32 holding => uint256)) private _holdings; // 1: paid; a word, written without a read
    mapping(RollupId rollup => mapping(uint256 word => uint256)) private _refunds;

    /// One lock over everything that moves assets: a hook of a token or a receiver finds every door shut.
    uint256 private transient _lock; // 1 while locked; a word, as a bool would be read before it is written

    modifier locked() {
        require(_lock == 0, BridgeLocked());
        _lock = 1;
        _;
        _lock = 0;
    }

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

    // --------------------------------------------------------------------------------------------------------- sales

    /// @inheritdoc ICanonicalBridge
    function front(
        RollupId rollup,
        uint64 index,
        ExitLeaf calldata leaf,
        uint256 price,
        Consent calldata consent
    ) external payable locked {
        _requireToL1(leaf.head);
        Asset asset = leaf.head.asset();
        require(
            Escrow.isFungible(asset) && !leaf.head.isKeyOnly() && leaf.dataHash == 0,
            ExitNotForSale(rollup, index)
        );
        bytes32 leafHash = leaf.hash();
        (uint256 word, address payee) = _requireUnspent(rollup, index, leafHash);
        require(payee == address(0), ExitSoldAlready(rollup, index, payee));
        if (price < leaf.amount) {
            _requireConsent(
                leaf.to,
                Consents.sell(rollup, index, leafHash, price, consent.deadline),
                consent
            );
        }
        _leaves[_wordKey(rollup, index)] = word | (1 << (LONGEST_RUN + (index & (LONGEST_RUN - 1))));
        _payees[rollup][_saleKey(index, leafHash)] = msg.sender;
        emit ExitSold(rollup, index, leafHash, msg.sender, price);
        if (asset.kind() == NATIVE) {
            require(msg.value == price, PriceNotPaid(msg.value, price));
            require(
                Payments.sendNative(leaf.to, price, gasleft()),
                ExitPaymentFailed(rollup, index, leaf.to)
            );
        } else {
            require(msg.value == 0, PriceNotPaid(msg.value, 0));
            _payPrice(asset.token(), leaf.to, price);
        }
    }

    // -------------------------------------------------------------------------------------------------------- escape

    /// @inheritdoc ICanonicalBridge
    function escape(
        RollupId rollup,
        CommitmentFields calldata fields,
        bytes calldata proof,
        bytes calldata metadata,
        address recipient,
        Consent calldata consent
    ) external locked {
        require(recipient != address(0), RecipientZero());
        _requireLastFinal(rollup, fields);
        address reader = hub.stateReaderOf(rollup);
        require(reader != address(0), StateReaderMissing(rollup));
        Holding memory held = IStateReader(reader).holding(fields.stateRoot, proof);
        bytes32 key = _holdingKey(held.owner, held.asset, held.id);
        require(_holdings[rollup][key] == 0, HoldingSpent(rollup, held.owner, held.asset, held.id));
        if (held.isKeyOnly || recipient != held.owner)
            _requireEscapeConsent(rollup, held, recipient, consent);
        _holdings[rollup][key] = 1;
        _takeOwed(rollup, held.asset, held.id, held.amount);
        emit HoldingPaid(rollup, held.owner, recipient, held.asset, held.id, held.amount);
        _payOwed(rollup, held.asset, held.id, held.amount, recipient, metadata, held.metadataHash);
    }

    /// @inheritdoc ICanonicalBridge
    function refund(
        RollupId rollup,
        CommitmentFields calldata fields,
        UnreadMessage calldata unread,
        address recipient
    ) external locked {
        _requireLastFinal(rollup, fields);
        UnreadDeposit memory owed = Unread.read(address(hub), rollup, fields.packed, unread);
        require(recipient != address(0), RecipientZero());
        require(
            recipient == owed.fallbackTo || msg.sender == owed.fallbackTo,
            CallerNotExitOwner(msg.sender, owed.fallbackTo)
        );
        uint256 word = _refunds[rollup][unread.index >> 8];
        uint256 marked = word | (1 << (unread.index & 255));
        require(marked != word, RefundSpent(rollup, unread.index));
        _refunds[rollup][unread.index >> 8] = marked;
        _takeOwed(rollup, owed.asset, owed.id, owed.amount);
        emit Refunded(rollup, unread.index, recipient, owed.asset, owed.id, owed.amount);
        // What a message tells of as born there was burned as its mirror, which is there and named: no metadata.
        _payOwed(rollup, owed.asset, owed.id, owed.amount, recipient, msg.data[:0], 0);
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
    function isSpent(RollupId rollup, uint256 index) external view returns (bool) {
        return (_leaves[_wordKey(rollup, index)] >> (index & (LONGEST_RUN - 1))) & 1 == 1;
    }

    /// @inheritdoc ICanonicalBridge
    function payeeOf(RollupId rollup, uint256 index, bytes32 leafHash) external view returns (address) {
        return _payees[rollup][_saleKey(index, leafHash)];
    }

    /// @inheritdoc ICanonicalBridge
    function isHoldingSpent(
        RollupId rollup,
        address owner,
        Asset asset,
        uint256 id
    ) external view returns (bool) {
        return _holdings[rollup][_holdingKey(owner, asset, id)] != 0;
    }

    /// @inheritdoc ICanonicalBridge
    function isRefunded(RollupId rollup, uint64 messageIndex) external view returns (bool) {
        return (_refunds[rollup][messageIndex >> 8] >> (messageIndex & 255)) & 1 == 1;
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

    // ------------------------------------------------------------------------------------------------------- proofs

    function _requireProven(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) private view returns (bytes32 leafHash) {
        leafHash = leaf.hash();
        ExitPlace place = proof.place;
        _requireKept(ExitTree.rootFromLeaf(leafHash, place.index(), place.count(), siblings), proof);
    }

    function _requireRunProven(
        ExitLeaf[] calldata leaves,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) private view {
        require(leaves.length <= LONGEST_RUN, RunTooLong(leaves.length, LONGEST_RUN));
        ExitPlace place = proof.place;
        bytes32[] memory hashes = new bytes32[](leaves.length);
        for (uint256 i; i < leaves.length; ++i) hashes[i] = leaves[i].hash();
        _requireKept(ExitTree.rootFromRun(hashes, place.index(), place.count(), siblings), proof);
    }

    function _requireKept(bytes32 root, ExitProof calldata proof) private view {
        ExitPlace place = proof.place;
        bytes32 exitRoot = ExitTree.seal(root, place.count());
        bytes32 commitment = _commitment(proof.stateRoot, exitRoot, proof.packed);
        require(
            _keptIn(place.rollup(), place.slot()) == commitment,
            CommitmentNotKept(place.rollup(), place.slot(), commitment)
        );
    }

    /// `hub.commitmentIn(rollup, slot)`; no commitment is 0, which is what a hub without an answer keeps.
    function _keptIn(RollupId rollup, uint256 slot) private view returns (bytes32 commitment) {
        address inbox = address(hub);
        bytes4 selector = IInbox.commitmentIn.selector;
        uint256 id = RollupId.unwrap(rollup);
        // 68 bytes at the free memory pointer, which stays where it is; one word of output into scratch space.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 4), id)
            mstore(add(input, 36), slot)
            // Arguments are evaluated from the last to the first: the call comes before the size of what it returned.
            if and(gt(returndatasize(), 31), staticcall(gas(), inbox, input, 68, 0, 32)) {
                commitment := mload(0)
            }
        }
    }

    function _commitment(
        bytes32 stateRoot,
        bytes32 exitRoot,
        bytes32 packed
    ) private pure returns (bytes32 commitment) {
        // Three words at the free memory pointer, which stays where it is.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, stateRoot)
            mstore(add(buffer, 32), exitRoot)
            mstore(add(buffer, 64), packed)
            commitment := keccak256(buffer, 96)
        }
    }

    function _requireToL1(ExitHead head) private pure {
        require(head.version() == 1, ExitVersionUnknown(head.version()));
        RollupId target = head.target();
        require(RollupId.unwrap(target) == 0, ExitGoesToRollup(target));
    }

    /// Returns the leaf's word, and who bought the leaf, or 0.
    function _requireUnspent(
        RollupId rollup,
        uint256 index,
        bytes32 leafHash
    ) private view returns (uint256 word, address payee) {
        word = _leaves[_wordKey(rollup, index)];
        uint256 bit = index & (LONGEST_RUN - 1);
        // Both of the leaf's bits are clear in the usual case.
        uint256 bits = (word >> bit) & ((1 << LONGEST_RUN) | 1);
        if (bits == 0) return (word, address(0));
        require(bits & 1 == 0, ExitSpent(rollup, index));
        payee = _payees[rollup][_saleKey(index, leafHash)];
    }

    function _requireLastFinal(RollupId rollup, CommitmentFields calldata fields) private view {
        require(hub.statusOf(rollup) == Status.Escaped, RollupNotEscaped(rollup));
        bytes32 computed = _commitment(fields.stateRoot, fields.exitRoot, fields.packed);
        (, bytes32 lastFinal) = hub.lastFinal(rollup);
        require(computed == lastFinal, FinalCommitmentMismatch(computed, lastFinal));
    }

    function _requireData(bytes32 dataHash, bytes calldata data) private pure {
        bytes32 computed = data.length == 0 ? bytes32(0) : keccak256(data);
        require(computed == dataHash, ExitDataMismatch(computed, dataHash));
    }

    // ------------------------------------------------------------------------------------------------------ consents

    /// The owner calls himself, or has signed.
    function _requireConsent(address owner, bytes32 structHash, Consent calldata consent) private view {
        if (consent.signature.length == 0) {
            require(msg.sender == owner, CallerNotExitOwner(msg.sender, owner));
            return;
        }
        Consents.requireSigned(owner, _hashTypedDataV4(structHash), consent);
    }

    /// The owner's key has signed, or the owner is the caller's alias.
    function _requireKey(address owner, bytes32 structHash, Consent calldata consent) private view {
        if (consent.signature.length == 0) {
            require(Consents.aliasOf(msg.sender) == owner, CallerNotExitOwner(msg.sender, owner));
            return;
        }
        Consents.requireSignedByKey(owner, _hashTypedDataV4(structHash), consent);
    }

    function _requireEscapeConsent(
        RollupId rollup,
        Holding memory held,
        address recipient,
        Consent calldata consent
    ) private view {
        bytes32 structHash = Consents.escapeTo(
            rollup,
            held.owner,
            held.asset,
            held.id,
            recipient,
            consent.deadline
        );
        if (held.isKeyOnly) _requireKey(held.owner, structHash, consent);
        else _requireConsent(held.owner, structHash, consent);
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

    /// Pays the price of an exit with the buyer's tokens; the owner must get all of it.
    function _payPrice(address token, address owner, uint256 price) private {
        uint256 before = Payments.balanceOf(token, owner);
        require(Payments.pullToken(token, msg.sender, owner, price), DepositRefused(token, price));
        uint256 afterwards = Payments.balanceOf(token, owner);
        uint256 arrived = afterwards > before ? afterwards - before : 0;
        require(arrived >= price, PriceNotPaid(arrived, price));
    }

    /// Takes out of escrow what an escaped rollup owes.
    function _takeOwed(RollupId rollup, Asset asset, uint256 id, uint256 amount) private {
        _requireKind(asset);
        if (!Escrow.isKept(asset)) return;
        Taking taking = _book.takeFreely(rollup, asset, id, amount);
        require(taking == Taking.Done, EscrowShort(rollup, asset, id, amount));
    }

    function _payOwed(
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address recipient,
        bytes calldata metadata,
        bytes32 metadataHash
    ) private {
        require(
            _pay(rollup, asset, id, amount, recipient, metadata, metadataHash, gasleft()),
            EscapePaymentFailed(rollup, recipient)
        );
    }

    function _requireKind(Asset asset) private pure {
        require(_isKnown(asset), AssetKindUnknown(asset.kind()));
    }

    /// What a rollup is told of must be what the bridge moved: it looks at no id of what is fungible, and at no amount of an NFT.
    function _requireShape(Asset asset, uint256 id, uint256 amount) private pure {
        uint8 kind = asset.kind();
        bool isFungible = kind <= ERC20 || kind == BORN_FUNGIBLE;
        bool isNft = kind == ERC721 || kind == BORN_COLLECTION;
        require((!isFungible || id == 0) && (!isNft || amount == 1), ExitMisshapen(asset, id, amount));
    }

    function _isKnown(Asset asset) private pure returns (bool) {
        uint8 kind = asset.kind();
        return kind <= ERC1155 || (kind >= BORN_FUNGIBLE && kind <= BORN_MULTI);
    }

    function _wordKey(RollupId rollup, uint256 index) private pure returns (uint256) {
        return (uint256(RollupId.unwrap(rollup)) << 64) | (index >> 7);
    }

    function _saleKey(uint256 index, bytes32 leafHash) private pure returns (bytes32) {
        return keccak256(abi.encode(index, leafHash));
    }

    function _holdingKey(address owner, Asset asset, uint256 id) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, asset, id));
    }
}
