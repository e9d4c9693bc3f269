// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IMachine} from "../../contracts/machine/IMachine.sol";
import {Machine} from "../../contracts/machine/Machine.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// A chain on which a precompile isn't what it is on Ethereum gets no machine.
contract PrecompilesTest is Cheats {
    function test_aMachineIsNotDeployedWhereAPrecompileDiffers() external {
        for (uint160 target = 1; target <= 5; target++) {
            vm.mockCall(address(target), "", hex"01");
            vm.expectRevert(abi.encodeWithSelector(IMachine.PrecompileDiffers.selector, uint256(target)));
            new Machine();
            vm.clearMockedCalls();
        }
        new Machine();
    }

    function test_norWhereOneFails() external {
        for (uint160 target = 1; target <= 5; target++) {
            vm.mockCallRevert(address(target), "", "");
            vm.expectRevert(abi.encodeWithSelector(IMachine.PrecompileDiffers.selector, uint256(target)));
            new Machine();
            vm.clearMockedCalls();
        }
    }
}
