// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Cheats} from "../foundry/Cheats.sol";
import {BridgeHandler} from "./BridgeHandler.sol";

/// docs/invariants.md, "Bridge": what holds after any history of deposits, exits, runs, pushes, moves, sales, donations and escapes of
/// three rollups that share tokens, whatever their programs let out.
contract BridgeInvariants is Cheats {
    BridgeHandler private handler;

    function setUp() external {
        handler = new BridgeHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_Bridge1_2_3_4_HeldAfterEveryHistory() external view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
        for (uint256 asset = 0; asset < handler.ASSETS(); ++asset) {
            uint256 sum = handler.donated(asset);
            for (uint256 rollup = 1; rollup <= handler.ROLLUPS(); ++rollup) {
                uint256 account = handler.accountOf(rollup, asset);
                assertEq(account, handler.held(rollup, asset), "Bridge 2: account = in - out");
                sum += account;
            }
            assertEq(handler.balanceOf(asset), sum, "Bridge 1: balance = sum of accounts + donations");
        }
        for (uint256 rollup = 1; rollup <= handler.ROLLUPS(); ++rollup) {
            address mirror = handler.tokenOf(2 + rollup);
            uint256 supply = mirror.code.length == 0 ? 0 : IERC20(mirror).totalSupply();
            assertEq(supply, handler.minted(rollup), "Bridge 4: supply = what left the rollup");
        }
    }

    /// The handler's actions do what they are named after, so that the invariant isn't held by nothing.
    function test_actionsTakeEffect() external {
        handler.changeMood(0);
        // Nine exits of each rollup: of each asset to L1, moves of coins and of its own token, and one of too much.
        for (uint256 rollup = 1; rollup <= 3; ++rollup) {
            for (uint256 asset = 0; asset < 7; ++asset) handler.letOut(rollup, 8, asset, 10, asset);
            handler.letOut(rollup, rollup % 3, 0, 10, 0);
            handler.letOut(rollup, rollup % 3, 6, 10, 0);
        }
        handler.front(1, 0, 1);
        handler.exit(1, 0);
        handler.exit(1, 6);
        handler.exitTo(2, 1, 2);
        handler.exitRun(3, 0, 3);
        handler.move(1, 7);
        handler.move(1, 8);
        handler.donate(0, 5);
        handler.deposit(2, 1, 3, 4);
        handler.deposit(2, 3, 3, 4);
        handler.kill(2, 0);
        handler.escape(2, 1, 0, 10);
        for (uint256 index = 0; index < 4; ++index) handler.refund(2, index);
        string[7] memory actions = ["exit", "run", "exitTo", "move", "front", "escape", "refund"];
        for (uint256 i = 0; i < actions.length; ++i) assertTrue(handler.effects(actions[i]) != 0, actions[i]);
        assertEq(handler.effects("exit"), 2, "exits");
        this.invariant_Bridge1_2_3_4_HeldAfterEveryHistory();
    }
}
