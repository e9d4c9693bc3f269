// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// The time of windows and clocks: seconds, but at most four block times per block, so that a halted chain takes nobody's time.
library Ticks {
    /// Returns the ticks from a moment of the past to now.
    /// @param blockTime τ, the chain's nominal block time [s]
    function since(uint256 time, uint256 blockNumber, uint256 blockTime) internal view returns (uint256) {
        // a moment of the past isn't later than now; below 2^64 blocks of below 2^32 seconds each
        unchecked {
            uint256 elapsed = block.timestamp - time;
            uint256 most = 4 * blockTime * (block.number - blockNumber);
            return elapsed < most ? elapsed : most;
        }
    }
}
