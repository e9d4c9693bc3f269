// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {MatchTerms} from "./MatchTerms.sol";
import {Position} from "./Position.sol";

/// The one slot of a match.
///
/// ```
/// 0                                                   none
/// 1                                                   over and paid
/// zero u8 ‖ 2 u8 ‖ amount u80 ‖ payee address(20)     over, a payout waits
/// 2^255 | keccak(position, asserter, challenger, root)   live
/// ```
/// @dev Casts cut a field out of the slot on purpose: what they drop are the other fields.
library MatchSlot {
    uint256 internal constant PAID = 1;
    uint256 private constant PAYOUT = 2;
    uint256 private constant LIVE = 1 << 255;

    /// Returns the id of a match: one per claim, asserter, backing and challenger. The rest follows from these and is bound with them.
    function id(
        bytes32 claimKey,
        MatchTerms terms,
        bytes32 codeRoot,
        address asserter,
        address challenger
    ) internal pure returns (bytes32 result) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, claimKey)
            mstore(add(free, 0x20), terms)
            mstore(add(free, 0x40), codeRoot)
            mstore(add(free, 0x60), asserter)
            mstore(add(free, 0x80), challenger)
            result := keccak256(free, 0xa0)
        }
    }

    /// Returns where the slot of a match stands, so that reading and writing it hash its key once.
    function placeOf(
        mapping(bytes32 matchId => uint256 state) storage matches,
        bytes32 matchId
    ) internal pure returns (bytes32 place) {
        // memory-safe: writes to scratch space
        assembly ("memory-safe") {
            mstore(0, matchId)
            mstore(0x20, matches.slot)
            place := keccak256(0, 0x40)
        }
    }

    function load(bytes32 place) internal view returns (uint256 slot) {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            slot := sload(place)
        }
    }

    function store(bytes32 place, uint256 slot) internal {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            sstore(place, slot)
        }
    }

    /// Returns the slot of a live match.
    /// @param root of the tree of pairs
    function live(
        Position position,
        address asserter,
        address challenger,
        bytes32 root
    ) internal pure returns (uint256 slot) {
        bytes32 hashed = position.hashed();
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hashed)
            mstore(add(free, 0x20), asserter)
            mstore(add(free, 0x40), challenger)
            mstore(add(free, 0x60), root)
            slot := or(LIVE, keccak256(free, 0x80))
        }
    }

    /// Returns the slot of a match that owes `amount` < 2^80 [wei].
    function payout(address payee, uint256 amount) internal pure returns (uint256) {
        return (PAYOUT << 240) | (amount << 160) | uint160(payee);
    }

    function isLive(uint256 slot) internal pure returns (bool) {
        return slot & LIVE != 0;
    }

    function isPayout(uint256 slot) internal pure returns (bool) {
        return slot >> 240 == PAYOUT;
    }

    function amountOf(uint256 slot) internal pure returns (uint256) {
        return uint80(slot >> 160);
    }

    function payeeOf(uint256 slot) internal pure returns (address) {
        return address(uint160(slot));
    }
}
