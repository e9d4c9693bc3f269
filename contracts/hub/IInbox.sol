// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "./RollupId.sol";
import {Status} from "./Status.sol";

/// What the bridge needs of the hub: a door for deposits, and the commitments it pays exits under.
/// @dev Safety: `commitmentIn` never returns a commitment that isn't final, and a rollup that is Retired or Escaped keeps its last
/// one for ever. Liveness: none of the views reverts, whatever it is asked.
interface IInbox {
    /// Enqueues a deposit for a rollup.
    /// @dev Only the hub's bridge. Builds the message `version 1 ‖ kind 1 ‖ sender ‖ body`; the hub doesn't read the body.
    /// Reverts unless `acceptsDeposits(rollup)` and the message fits 4,096 bytes.
    /// @param sender the depositor, as the program will see him
    /// @param body `asset ‖ id ‖ amount ‖ to ‖ fallbackTo ‖ data` (docs/encodings.md)
    /// @return index the message's index, from 0
    function deposit(RollupId rollup, address sender, bytes calldata body) external returns (uint64 index);

    /// Returns a final commitment that the rollup keeps, or 0.
    /// @param slot 0 … 63: the batch whose index mod 64 it is; 64 … 111: the first final commitment of the hour whose
    /// number (since 1970) mod 48 is slot − 64. Each slot is overwritten by a later commitment only.
    function commitmentIn(RollupId rollup, uint256 slot) external view returns (bytes32 commitment);

    /// Returns where the rollup stands in its life, now.
    function statusOf(RollupId rollup) external view returns (Status);

    /// Returns true if `deposit` would be taken now: the rollup is Active and not paused.
    function acceptsDeposits(RollupId rollup) external view returns (bool);

    /// Returns the message chain: how many messages there are, its head, and the distance between marks.
    function inboxOf(RollupId rollup) external view returns (uint64 count, bytes32 head, uint16 messageBound);

    /// Returns the chain's head after `mark · messageBound` messages, or 0 if it isn't that long yet (or mark is 0).
    function markOf(RollupId rollup, uint64 mark) external view returns (bytes32 head);

    /// Returns the last final commitment and the index of its batch; index 0 is the program's genesis.
    function lastFinal(RollupId rollup) external view returns (uint64 index, bytes32 commitment);

    /// Returns the rollup's owner; 0 if it is immutable (or doesn't exist).
    function ownerOf(RollupId rollup) external view returns (address);

    /// Returns the hash of the rollup's program; 0 if there is no such rollup.
    function programOf(RollupId rollup) external view returns (bytes32);

    /// Returns the contract that proves balances under the program's state roots after an escape; 0 if it has none.
    function stateReaderOf(RollupId rollup) external view returns (address);
}
