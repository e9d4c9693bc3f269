// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Chain, Security} from "./Parameters.sol";
import {RollupId} from "./RollupId.sol";

/// What a program and a dispute need of a rollup's parameters: six words, of which the record keeps the hash (docs/encodings.md).
library Config {
    uint256 private constant VERSION = 1;

    /// Returns the hash of a rollup's config.
    /// @param batchGas, steps of its program (steps: L)
    function hash(
        RollupId id,
        Chain calldata chain,
        Security calldata security,
        uint256 batchGas,
        uint256 steps
    ) internal view returns (bytes32) {
        uint256 limits =
            (uint256(l2ChainId(id)) << 192) |
                (batchGas << 128) |
                (uint256(chain.messageGas) << 96) |
                (uint256(chain.messageBound) << 80) |
                (steps << 72) |
                (uint256(security.policy) << 48) |
                (VERSION << 32);
        uint256 times =
            (uint256(security.clock) << 224) |
                (uint256(security.extension) << 192) |
                (uint256(security.bond) << 96) |
                (uint256(security.window) << 64);
        return
            keccak256(
                abi.encode(
                    chain.program,
                    limits,
                    uint256(uint160(chain.availability)) << 96,
                    times,
                    (uint256(uint160(chain.feeRecipient)) << 96) | chain.gasPrice,
                    uint256(0)
                )
            );
    }

    /// Returns the hash of a config given by its words.
    function hashOf(bytes32[6] calldata config) internal pure returns (bytes32 hash_) {
        // memory-safe: writes beyond the free memory pointer, which stays
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, config, 0xc0)
            hash_ := keccak256(free, 0xc0)
        }
    }

    function program(bytes32[6] calldata config) internal pure returns (bytes32) {
        return config[0];
    }

    /// Returns L: a run has 2^L steps.
    function logSteps(bytes32[6] calldata config) internal pure returns (uint256) {
        return (uint256(config[1]) >> 72) & 0xff;
    }

    /// Returns C, each side's time in a match [ticks].
    function clock(bytes32[6] calldata config) internal pure returns (uint256) {
        return uint256(config[3]) >> 224;
    }

    /// Returns E, what a mover has at least [ticks].
    function extension(bytes32[6] calldata config) internal pure returns (uint256) {
        return (uint256(config[3]) >> 192) & 0xffffffff;
    }

    /// Returns B, a challenger's bond [wei].
    function bond(bytes32[6] calldata config) internal pure returns (uint256) {
        return (uint256(config[3]) >> 96) & 0xffffffffffffffffffffffff;
    }

    /// Returns the id that a rollup's transactions are signed for. The hub assigns it, so that nobody picks a living chain's.
    function l2ChainId(RollupId id) internal view returns (uint64) {
        uint256 digest = uint256(keccak256(abi.encode(block.chainid, address(this), id)));
        return uint64((1 << 51) + (digest & ((1 << 50) - 1)));
    }
}
