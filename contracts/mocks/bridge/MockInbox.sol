// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IInbox} from "../../hub/IInbox.sol";
import {RollupId} from "../../hub/RollupId.sol";
import {Status} from "../../hub/Status.sol";

/// A hub that keeps whatever commitments a test gives it, with a real message chain.
contract MockInbox is IInbox {
    struct Rollup {
        Status status;
        bool isPaused;
        address owner;
        address stateReader;
        uint64 count;
        bytes32 head;
        bytes32 lastFinal;
        mapping(uint256 => bytes32) kept;
        mapping(uint256 => bytes32) marks;
    }

    uint16 public constant BOUND = 4;
    mapping(RollupId => Rollup) private _rollups;
    mapping(RollupId => bytes[]) private _messages;

    error Closed();

    function set(RollupId rollup, Status status, bool isPaused, address owner, address stateReader) external {
        Rollup storage r = _rollups[rollup];
        (r.status, r.isPaused, r.owner, r.stateReader) = (status, isPaused, owner, stateReader);
    }

    function keep(RollupId rollup, uint256 slot, bytes32 commitment) external {
        _rollups[rollup].kept[slot] = commitment;
        _rollups[rollup].lastFinal = commitment;
    }

    function deposit(RollupId rollup, address sender, bytes calldata body) external returns (uint64 index) {
        require(acceptsDeposits(rollup), Closed());
        return enqueue(rollup, abi.encodePacked(uint8(1), uint8(1), sender, body));
    }

    function enqueue(RollupId rollup, bytes memory message) public returns (uint64 index) {
        Rollup storage r = _rollups[rollup];
        index = r.count++;
        r.head = keccak256(abi.encode(r.head, keccak256(message)));
        if (r.count % BOUND == 0) r.marks[r.count / BOUND] = r.head;
        _messages[rollup].push(message);
    }

    function messageOf(RollupId rollup, uint256 index) external view returns (bytes memory) {
        return _messages[rollup][index];
    }

    function commitmentIn(RollupId rollup, uint256 slot) external view returns (bytes32) {
        return _rollups[rollup].kept[slot];
    }

    function statusOf(RollupId rollup) external view returns (Status) {
        return _rollups[rollup].status;
    }

    function acceptsDeposits(RollupId rollup) public view returns (bool) {
        return _rollups[rollup].status == Status.Active && !_rollups[rollup].isPaused;
    }

    function inboxOf(RollupId rollup) external view returns (uint64, bytes32, uint16) {
        return (_rollups[rollup].count, _rollups[rollup].head, BOUND);
    }

    function markOf(RollupId rollup, uint64 mark) external view returns (bytes32) {
        return _rollups[rollup].marks[mark];
    }

    function lastFinal(RollupId rollup) external view returns (uint64, bytes32) {
        return (1, _rollups[rollup].lastFinal);
    }

    function ownerOf(RollupId rollup) external view returns (address) {
        return _rollups[rollup].owner;
    }

    function programOf(RollupId) external pure returns (bytes32) {
        return 0;
    }

    function stateReaderOf(RollupId rollup) external view returns (address) {
        return _rollups[rollup].stateReader;
    }
}
