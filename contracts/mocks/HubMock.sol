// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Claims} from "../hub/Claims.sol";
import {ClaimTerms} from "../hub/ClaimTerms.sol";
import {Backing, Times} from "../hub/Entries.sol";
import {Lines} from "../hub/Lines.sol";
import {RollupHub} from "../hub/RollupHub.sol";
import {RollupId} from "../hub/RollupId.sol";
import {ILineBacking} from "../staking/ILineBacking.sol";

/// A hub for tests, in which matches are opened, ended and lost without being played.
contract HubMock is RollupHub {
    constructor(
        address governor_,
        address bridge_,
        address vault_,
        address machine_,
        address treasury_,
        uint256 blockTime_,
        uint256 bondGasPrice
    ) RollupHub(governor_, bridge_, vault_, machine_, treasury_, blockTime_, bondGasPrice) {}

    function noteMatch(
        bytes32 terms,
        bytes32 parent,
        bytes32 commitment,
        bytes32[4] calldata entry
    ) external returns (bytes32 claimKey) {
        return
            Claims.openMatch(
                _hub,
                blockTime,
                ClaimTerms.wrap(terms),
                _hub.rollups[ClaimTerms.wrap(terms).rollup()].hot.ringSlot(ClaimTerms.wrap(terms).index()),
                entry[0],
                parent,
                commitment,
                Backing.wrap(entry[2]),
                Times.wrap(entry[3])
            );
    }

    function forgetMatch(RollupId rollup, address asserter) external {
        Claims.endMatch(_hub, rollup, asserter);
    }

    /// The line of `key` loses a match; its deposit stays here.
    function loseLine(RollupId rollup, address key) external {
        (, uint256 due) = Lines.lose(_hub.rollups[rollup], rollup, key);
        if (due != 0) Lines.slash(_hub, key, due, ILineBacking(vault), treasury, Lines.SLASH_GAS);
    }
}
