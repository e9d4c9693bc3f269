// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CalldataLayer} from "../../contracts/availability/CalldataLayer.sol";
import {IRollupHub} from "../../contracts/hub/IRollupHub.sol";
import {Cheats} from "../foundry/Cheats.sol";

contract Committing {
    function commit(bytes calldata data) external view returns (bytes32) {
        return CalldataLayer.commit(data);
    }
}

contract CalldataLayerTest is Cheats {
    uint256 private constant MOST = 768 * 4096;
    address private constant POSTER = address(0xb0b);

    Committing private layer;

    function setUp() external {
        layer = new Committing();
    }

    function test_refusesAByteMoreThan768Chunks() external {
        bytes memory data = new bytes(MOST + 1);
        vm.expectRevert(abi.encodeWithSelector(IRollupHub.DataTooLong.selector, MOST + 1, MOST));
        vm.prank(POSTER, POSTER);
        layer.commit(data);
    }

    function test_takes768Chunks() external {
        bytes memory data = new bytes(MOST);
        data[MOST - 1] = 0x01;
        bytes memory hashes;
        bytes32 zeros = keccak256(new bytes(4096));
        for (uint256 i = 0; i < 767; i++) hashes = bytes.concat(hashes, zeros);
        bytes memory last = new bytes(4096);
        last[4095] = 0x01;
        vm.prank(POSTER, POSTER);
        assertEq(layer.commit(data), keccak256(bytes.concat(hashes, keccak256(last))), "commitment");
    }

    /// Only a transaction of an account without code carries data; an empty batch may come from anywhere.
    function test_refusesDataThatAnotherContractPasses() external {
        assertEq(layer.commit(""), keccak256(""), "nothing is nothing, from anybody");
        vm.expectRevert(abi.encodeWithSelector(IRollupHub.DataNotInTransaction.selector, POSTER));
        vm.prank(POSTER, address(0xabc));
        layer.commit(hex"00");
    }
}
