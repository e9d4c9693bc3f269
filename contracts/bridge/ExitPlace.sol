// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";

/// Where an exit stands: `zero u56 ‖ slot u8 ‖ rollup u64 ‖ count u64 ‖ index u64`.
/// - slot of `IInbox.commitmentIn`, in which the hub keeps the commitment
/// - count of the exits under that commitment
/// - index of the exit, from 0
type ExitPlace is uint256;

using ExitPlaceReading for ExitPlace global;

/// Fields of `ExitPlace`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library ExitPlaceReading {
    function slot(ExitPlace place) internal pure returns (uint256) {
        return uint8(ExitPlace.unwrap(place) >> 192);
    }

    function rollup(ExitPlace place) internal pure returns (RollupId) {
        return RollupId.wrap(uint64(ExitPlace.unwrap(place) >> 128));
    }

    function count(ExitPlace place) internal pure returns (uint64) {
        return uint64(ExitPlace.unwrap(place) >> 64);
    }

    function index(ExitPlace place) internal pure returns (uint64) {
        return uint64(ExitPlace.unwrap(place));
    }
}
