// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Names a rollup of one hub: a counter that starts at 1 and is never reused. 0 names none.
type RollupId is uint64;
