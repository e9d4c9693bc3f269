// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Machine} from "../../contracts/machine/Machine.sol";
import {Cheats} from "../foundry/Cheats.sol";
import {Scenario} from "./Scenario.sol";
import {Specification} from "./Specification.sol";

/// Random steps, legal and not, against the plain specification. One run makes many steps: 256 runs are more than 100,000.
contract MachineFuzzTest is Cheats {
    uint256 private constant STEPS_PER_RUN = 400;

    Machine private machine;
    Specification private specification;
    Scenario private scenario;

    function setUp() public {
        machine = new Machine();
        specification = new Specification();
        scenario = new Scenario();
    }

    function testFuzz_Machine3_stepIsTheSpecified(uint256 seed) public view {
        for (uint256 i = 0; i < STEPS_PER_RUN; i++) {
            (bytes32 codeRoot, bytes memory witness) = scenario.make(uint256(keccak256(abi.encode(seed, i))));
            (bool accepted, ) = compare(codeRoot, witness);
            assertTrue(accepted, "a right witness is accepted");
        }
    }

    function testFuzz_Machine1_wrongWitnessesAreRejectedOrOfAnotherState(uint256 seed) public view {
        for (uint256 i = 0; i < STEPS_PER_RUN / 8; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            (bytes32 codeRoot, bytes memory witness) = scenario.make(dice);
            bytes32 original = scenario.stateOf(witness);
            (bool accepted, bytes32 before) = compare(codeRoot, scenario.damage(witness, dice));
            if (accepted) assertTrue(before != original, "a damaged witness shows another state");
        }
    }

    /// Both give the same hashes, or the same error with the same arguments.
    function compare(
        bytes32 codeRoot,
        bytes memory witness
    ) private view returns (bool accepted, bytes32 before) {
        bytes memory call = abi.encodeCall(machine.step, (codeRoot, witness));
        bytes memory actual;
        (accepted, actual) = address(machine).staticcall{gas: 30_000_000}(call);
        (bool expectedAccepted, bytes memory expected) = address(specification).staticcall{gas: 60_000_000}(
            call
        );
        assertTrue(accepted == expectedAccepted, "accepted by one only");
        assertEq(keccak256(actual), keccak256(expected), "results differ");
        if (accepted) (before, ) = abi.decode(actual, (bytes32, bytes32));
    }
}
