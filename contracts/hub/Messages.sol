// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Door} from "./Door.sol";
import {Rollup} from "./HubState.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {RollupId} from "./RollupId.sol";

/// L1 → L2 messages: one hash chain per rollup. A batch names a head of it, the program walks it back.
/// @dev Touches two slots, a third for every messageBound-th message, whose head is kept as a mark: a batch never has to
/// name a head farther than messageBound from the one before [a flood would make the walk back exceed the run].
library Messages {
    uint256 internal constant VERSION = 1;
    uint256 internal constant DEPOSIT = 1;
    uint256 internal constant FORCED = 2;
    uint256 internal constant CALL = 3;
    /// The longest message, its head of 22 bytes included [bytes].
    uint256 internal constant MAX_LENGTH = 4096;

    /// Enqueues a transaction; who may do so is checked here.
    function transaction(
        Rollup storage rollup,
        RollupId id,
        uint256 kind,
        bytes calldata body
    ) internal returns (uint64) {
        Door door = rollup.door;
        require(door.takesMessages(), IRollupHub.MessagesClosed(id));
        return _append(rollup, id, door, kind, msg.sender, body);
    }

    /// Enqueues a deposit; that the bridge makes it is checked by the caller.
    function deposit(
        Rollup storage rollup,
        RollupId id,
        address sender,
        bytes calldata body
    ) internal returns (uint64) {
        Door door = rollup.door;
        require(door.takesDeposits(), IRollupHub.DepositsClosed(id, door.pausedUntil()));
        return _append(rollup, id, door, DEPOSIT, sender, body);
    }

    function _append(
        Rollup storage rollup,
        RollupId id,
        Door door,
        uint256 kind,
        address sender,
        bytes calldata body
    ) private returns (uint64) {
        // version 1, kinds 1 … 3
        bytes memory message = abi.encodePacked(uint8(VERSION), uint8(kind), sender, body);
        require(message.length <= MAX_LENGTH, IRollupHub.MessageTooLong(message.length, MAX_LENGTH));
        bytes32 head = keccak256(abi.encode(rollup.head, keccak256(message)));
        uint256 index = door.count();
        rollup.head = head;
        rollup.door = door.afterMessage();
        uint256 bound = door.messageBound();
        if ((index + 1) % bound == 0) rollup.marks[(index + 1) / bound] = head;
        emit IRollupHub.MessageEnqueued(id, uint64(index), message);
        return uint64(index); // a count of 40 bits
    }
}
