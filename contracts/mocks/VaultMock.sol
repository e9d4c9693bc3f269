// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ILineBacking} from "../staking/ILineBacking.sol";

/// A vault for tests: it records what services reserve and slash, and fails when it is told to.
contract VaultMock is ILineBacking {
    enum Mood {
        Obliging,
        Reverting,
        Silent, // answers nothing
        Verbose, // answers with a megabyte
        Burning, // uses all its gas
        Dear // uses 300,000 gas and does what it is told
    }

    error VaultRefused();

    uint256 public unbondingDelay;
    Mood public slashMood;
    mapping(address key => uint256) public reserved;
    mapping(address key => uint256) public slashed;
    mapping(address key => bool) public refused;
    address public lastBeneficiary;

    constructor(uint256 unbondingDelay_) {
        unbondingDelay = unbondingDelay_;
    }

    function setUnbondingDelay(uint256 delay) external {
        unbondingDelay = delay;
    }

    function setSlashMood(Mood mood) external {
        slashMood = mood;
    }

    function setRefused(address key, bool isRefused) external {
        refused[key] = isRefused;
    }

    /// @inheritdoc ILineBacking
    function reserve(address key, uint256 amount) external returns (uint256) {
        require(!refused[key], VaultRefused());
        reserved[key] += amount;
        return unbondingDelay;
    }

    /// @inheritdoc ILineBacking
    function confirm(address key) external view returns (uint256) {
        require(!refused[key], VaultRefused());
        return unbondingDelay;
    }

    /// @inheritdoc ILineBacking
    function release(address key, uint256 amount) external {
        reserved[key] -= amount;
    }

    /// @inheritdoc ILineBacking
    function slash(address key, uint256 amount, address beneficiary) external returns (uint256) {
        require(slashMood != Mood.Reverting, VaultRefused());
        if (slashMood == Mood.Silent) {
            assembly {
                return(0, 0)
            }
        }
        if (slashMood == Mood.Verbose) {
            assembly {
                return(0, 100000)
            }
        }
        if (slashMood == Mood.Burning) {
            assembly {
                invalid()
            }
        }
        if (slashMood == Mood.Dear) {
            uint256 before = gasleft();
            while (before - gasleft() < 300_000) continue;
        }
        reserved[key] -= amount;
        slashed[key] += amount;
        lastBeneficiary = beneficiary;
        return amount;
    }
}
