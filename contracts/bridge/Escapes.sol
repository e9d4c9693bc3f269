// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Status} from "../hub/Status.sol";
import {Asset} from "./Asset.sol";
import {Consents} from "./Consents.sol";
import {Escrow, Taking} from "./Escrow.sol";
import {CommitmentFields, Consent, ICanonicalBridge, UnreadMessage} from "./ICanonicalBridge.sol";
import {Holding, IStateReader} from "./IStateReader.sol";
import {Leaves} from "./Leaves.sol";
import {Unread, UnreadDeposit} from "./Unread.sol";

/// Pays what an escaped rollup owes beyond its exits: the holdings of its last final state, and the deposits that it never read.
abstract contract Escapes is Leaves {
    using Escrow for Escrow.Book;

    mapping(RollupId rollup => mapping(bytes32 holding => uint256)) private _holdings; // 1: paid; a word, written without a read
    mapping(RollupId rollup => mapping(uint256 word => uint256)) private _refunds;

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

    function _requireLastFinal(RollupId rollup, CommitmentFields calldata fields) private view {
        require(hub.statusOf(rollup) == Status.Escaped, RollupNotEscaped(rollup));
        bytes32 computed = _commitment(fields.stateRoot, fields.exitRoot, fields.packed);
        (, bytes32 lastFinal) = hub.lastFinal(rollup);
        require(computed == lastFinal, FinalCommitmentMismatch(computed, lastFinal));
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

    function _holdingKey(address owner, Asset asset, uint256 id) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, asset, id));
    }
}
