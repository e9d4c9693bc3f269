// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Cheats} from "../foundry/Cheats.sol";
import {StakingHandler} from "./StakingHandler.sol";

/// docs/invariants.md, "Staking": what holds after any history of several delegators, services, slashes and time.
contract StakingInvariants is Cheats {
    StakingHandler private handler;

    function setUp() external {
        handler = new StakingHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_Staking1_VaultIsSolvent() external {
        vm.warp(handler.time());
        uint256 held = handler.alt().balanceOf(address(handler.vault()));
        assertLe(handler.owed() + handler.donated(), held, "1: the vault holds what it owes");
    }

    function invariant_Staking2_SharesOfOwnersAreThePools() external view {
        uint256 sum;
        for (uint256 i = 0; i < 4; i++) {
            (uint256 owned, ) = handler.vault().stakeOf(handler.OPERATOR(), handler.stakers(i));
            sum += owned;
        }
        (, uint256 shares, , , ) = handler.vault().poolOf(handler.OPERATOR());
        assertEq(sum, shares, "2: shares");
    }

    function invariant_Staking3_AllocationsFitTheMagnitude() external view {
        uint256 sum;
        for (uint256 i = 0; i < 3; i++) {
            (uint256 slashable, uint256 backing, , , ) = handler.vault().allocationOf(
                handler.OPERATOR(),
                handler.services(i)
            );
            assertLe(backing, slashable, "3: what backs lines can be slashed");
            sum += slashable;
        }
        (, , , uint256 magnitude, uint256 allocated) = handler.vault().poolOf(handler.OPERATOR());
        assertLe(sum, allocated, "3: the sum covers every allocation");
        assertLe(allocated, magnitude, "3: allocations fit the magnitude");
    }

    function invariant_Staking4_5_6_9_HeldInEveryStep() external view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
    }
}
