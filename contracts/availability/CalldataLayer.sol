// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IRollupHub} from "../hub/IRollupHub.sol";

/// The data layer that needs nothing but the settlement chain: a batch's data is the last argument of `post`.
/// @dev Built into the hub: with a call to a module `post` would miss its bound. It has no contract; MODULE is its name in the
/// catalogue and in headers. Its words are READ kind 0 preimages, so that a dispute needs nothing of this library.
library CalldataLayer {
    /// last 20 bytes of keccak256("rollworks.availability.calldata")
    address internal constant MODULE = 0x8f3d72F23cAffaBbD86B247247aCaf0fdCe5fCa1;
    uint256 internal constant READ_KIND = 0;
    /// [bytes]
    uint256 internal constant CHUNK = 4096;
    uint256 internal constant MAX_CHUNKS = 768;

    /// Returns the commitment to data: keccak256 over the hashes of its chunks.
    /// @dev Data comes from an account without code, directly: then it stands in the transaction, where every node finds it. (A
    /// delegated account could be its own transaction's target and pass on other calldata.)
    function commit(bytes calldata data) internal view returns (bytes32) {
        require(data.length <= CHUNK * MAX_CHUNKS, IRollupHub.DataTooLong(data.length, CHUNK * MAX_CHUNKS));
        if (data.length == 0) return keccak256("");
        // solhint-disable-next-line avoid-tx-origin
        bool isFromTransaction = msg.sender == tx.origin && msg.sender.code.length == 0;
        require(isFromTransaction, IRollupHub.DataNotInTransaction(msg.sender));
        if (data.length <= CHUNK) return keccak256(bytes.concat(keccak256(data)));
        bytes memory hashes = new bytes(((data.length + CHUNK - 1) / CHUNK) * 32);
        for (uint256 i = 0; i * CHUNK < data.length; ++i) {
            uint256 end = (i + 1) * CHUNK;
            bytes32 hash = keccak256(data[i * CHUNK:end < data.length ? end : data.length]);
            // memory-safe: word i of as many as there are chunks
            assembly ("memory-safe") {
                mstore(add(add(hashes, 32), mul(i, 32)), hash)
            }
        }
        return keccak256(hashes);
    }
}
