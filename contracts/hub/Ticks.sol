// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// The time of windows and clocks: seconds, but at most four block times per block. While a chain is halted nobody's time passes; afterwards it passes at
/// up to four times its pace until it has caught up, so that of any window or clock at least a quarter is left, in blocks.
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

    /// Returns the ticks from a moment of the past to now at one block time a block: what must outlast a number of windows and clocks is measured so.
    /// @dev After a halt, `since` runs at up to four times the pace of time until it has caught up, so it may exceed the sum over the parts of
    /// the same time. This doesn't, where no block comes sooner than τ after its parent: each part then has τ or more for each of its blocks.
    function sinceSlowly(
        uint256 time,
        uint256 blockNumber,
        uint256 blockTime
    ) internal view returns (uint256) {
        // as above
        unchecked {
            uint256 elapsed = block.timestamp - time;
            uint256 most = blockTime * (block.number - blockNumber);
            return elapsed < most ? elapsed : most;
        }
    }
}
