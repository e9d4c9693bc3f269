// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {RollupId} from "../hub/RollupId.sol";
import {IMirror} from "./IMirror.sol";

/// What the three mirrors share: their origin, which stands behind the clone's code, so that the address says it all.
abstract contract Mirror is IMirror {
    modifier onlyBridge() {
        (address bridge, , ) = origin();
        require(msg.sender == bridge, CallerNotMirrorsBridge(msg.sender));
        _;
    }

    /// @inheritdoc IMirror
    /// @dev `bridge(20) ‖ rollup u64 ‖ l2Token(20)`, the clone's immutable arguments.
    function origin() public view returns (address bridge, RollupId rollup, address l2Token) {
        bytes memory arguments = Clones.fetchCloneArgs(address(this));
        // 48 bytes from offset 32 on; each read is shifted down to its field's width.
        assembly ("memory-safe") {
            bridge := shr(96, mload(add(arguments, 32)))
            rollup := shr(192, mload(add(arguments, 52)))
            l2Token := shr(96, mload(add(arguments, 60)))
        }
    }
}
