// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAltToken} from "../../staking/IAltToken.sol";
import {Pool, Pools} from "../../staking/Pool.sol";
import {Stream, Streams} from "../../staking/Stream.sol";
import {Vault} from "../../staking/Vault.sol";

/// @title A vault whose streams somebody feeds, for tests of what rewards do.
contract FedVault is Vault {
    using Streams for Stream;
    using Pools for Pool;

    constructor(
        IAltToken alt_,
        address governance,
        address treasury_,
        uint256 delay
    ) Vault(alt_, governance, treasury_, delay) {}

    /// Adds `amount` [ALT wei] to what the next epoch pays out.
    function feed(address operator, uint256 amount) external {
        Pool storage pool = _pools[operator];
        if (pool.isStreaming) this.roll(operator);
        else pool.stream.roll(block.timestamp);
        pool.stream.next = SafeCast.toUint96(pool.stream.next + amount);
        pool.isStreaming = true;
        alt.transferFrom(msg.sender, address(this), amount);
    }

    function streamOf(
        address operator
    ) external view returns (uint256 current, uint256 done, uint256 epoch, uint256 next) {
        Stream storage stream = _pools[operator].stream;
        return (stream.current, stream.done, stream.epoch, stream.next);
    }
}
