// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Where a rollup stands in its life. It only moves downwards in this list, except Active ⇄ Dormant.
enum Status {
    None, // no rollup has this id
    Active, // everything works
    Dormant, // no lease: root and id stay, messages are refused
    Draining, // its end has begun: no deposits; then no messages; then the sweep
    Retired, // everything was swept into exits; only exits remain, for ever
    Escaped // finalisation has stopped for ever; the last final commitment's balances are claimed by state proof
}
