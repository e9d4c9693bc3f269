// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";
import {ICanonicalBridge, UnreadMessage} from "./ICanonicalBridge.sol";

/// What a deposit message owes when its rollup has escaped without reading it.
struct UnreadDeposit {
    Asset asset;
    uint256 id;
    uint256 amount;
    address fallbackTo;
}

/// Proves a deposit message out of the hub's message chain: `chain' = keccak256(chain ‖ keccak256(message))`.
/// @dev Linked, to keep the bridge within the size of a contract.
library Unread {
    // version u8 ‖ kind u8 ‖ sender(20) ‖ asset(32) ‖ id(32) ‖ amount(32) ‖ to(20) ‖ fallbackTo(20) ‖ data
    uint256 private constant SHORTEST = 158;
    uint16 private constant DEPOSIT = 0x0101;

    /// Returns the deposit of a message that the chain holds at its index and no final commitment has consumed.
    /// @dev Forwards from the head before the message to the next mark, or to the chain's head if there is none. A message's index is
    /// proven by the number of messages that follow it up to there: heads of different lengths are different hashes.
    /// @param packed of the last final commitment
    function read(
        address hub,
        RollupId rollup,
        bytes32 packed,
        UnreadMessage calldata unread
    ) external view returns (UnreadDeposit memory owed) {
        // cuts the field out: `block u64 ‖ timestamp u64 ‖ messagesConsumed u64 ‖ …`, of which the last 64 bits are dropped first
        uint64 messagesConsumed = uint64(uint256(packed) >> 64);
        require(
            unread.index >= messagesConsumed,
            ICanonicalBridge.MessageConsumed(unread.index, messagesConsumed)
        );
        bytes calldata message = unread.message;
        require(
            message.length >= SHORTEST && uint16(bytes2(message[:2])) == DEPOSIT,
            ICanonicalBridge.MessageNotDeposit()
        );
        bytes32 head = _link(unread.before, keccak256(message));
        for (uint256 i; i < unread.later.length; ++i) head = _link(head, unread.later[i]);
        bytes32 expected = _headAt(IInbox(hub), rollup, uint256(unread.index) + 1 + unread.later.length);
        require(head == expected, ICanonicalBridge.MessageChainMismatch(head, expected));
        owed.asset = Asset.wrap(bytes32(message[22:54]));
        owed.id = uint256(bytes32(message[54:86]));
        owed.amount = uint256(bytes32(message[86:118]));
        owed.fallbackTo = address(bytes20(message[138:158]));
    }

    /// Returns the head after `length` messages if the hub keeps it, else 0.
    function _headAt(IInbox hub, RollupId rollup, uint256 length) private view returns (bytes32) {
        (uint64 count, bytes32 head, uint16 messageBound) = hub.inboxOf(rollup);
        if (length == count) return head;
        if (length > count || length % messageBound != 0) return 0;
        // length < count, which is a u64, and so is every part of it; the rollup has escaped, so it exists and its bound isn't 0
        return hub.markOf(rollup, uint64(length / messageBound));
    }

    function _link(bytes32 chain, bytes32 messageHash) private pure returns (bytes32) {
        return keccak256(abi.encode(chain, messageHash));
    }
}
