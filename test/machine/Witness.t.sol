// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Machine} from "../../contracts/machine/Machine.sol";
import {IMachine} from "../../contracts/machine/IMachine.sol";
import {Cheats} from "../foundry/Cheats.sol";
import {Scenario} from "./Scenario.sol";

/// Right witnesses with one byte changed: every byte, three ways. A test each for the shapes that a witness has, of a random step.
contract WitnessTest is Cheats {
    uint256 private constant STATE = 288;
    uint256 private constant CODE = 832;
    uint256 private constant MEMORY = 1728;
    uint8 private constant LOAD = 0x03;
    uint8 private constant STORE = 0x23;
    uint8 private constant SYSTEM = 0x73;
    /// Stands for any instruction that touches no memory, and for any kind of READ.
    uint8 private constant ANY = 0xff;

    Machine private machine;
    Scenario private scenario;

    function setUp() public {
        machine = new Machine();
        scenario = new Scenario();
    }

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_Machine1_everyByteOfARegisterStep(uint256 seed) public view {
        flipAll(seed, ANY, ANY);
    }

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_Machine1_everyByteOfALoad(uint256 seed) public view {
        flipAll(seed, LOAD, ANY);
    }

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_Machine1_everyByteOfAStore(uint256 seed) public view {
        flipAll(seed, STORE, ANY);
    }

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_Machine1_everyByteOfAPreimage(uint256 seed) public view {
        flipAll(seed, SYSTEM, 0);
    }

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_Machine1_everyByteOfAPrecompilesCall(uint256 seed) public view {
        flipAll(seed, SYSTEM, 2);
    }

    /// A changed byte of the state shows another state or is refused, any other is refused; and it is the witness that is refused.
    function flipAll(uint256 seed, uint8 opcode, uint8 kind) private view {
        (bytes32 codeRoot, bytes memory witness) = scenarioOf(seed, opcode, kind);
        (bool accepted, bytes32 original) = step(codeRoot, witness);
        assertTrue(accepted, "the right witness is accepted");
        bytes1[3] memory masks = [bytes1(0x01), 0x80, 0xff];
        for (uint256 at = 0; at < witness.length; at++)
            for (uint256 i = 0; i < 3; i++) {
                witness[at] ^= masks[i];
                bytes32 before;
                (accepted, before) = step(codeRoot, witness);
                witness[at] ^= masks[i];
                if (!accepted) continue;
                assertTrue(at < STATE, "accepted with another proof or preimage");
                assertTrue(before != original, "accepted as the same state");
            }
    }

    function step(
        bytes32 codeRoot,
        bytes memory witness
    ) private view returns (bool accepted, bytes32 before) {
        bytes memory result;
        (accepted, result) = address(machine).staticcall{gas: 30_000_000}(
            abi.encodeCall(machine.step, (codeRoot, witness))
        );
        if (accepted) (before, ) = abi.decode(result, (bytes32, bytes32));
        else assertTrue(isRefusal(bytes4(result)), "fails for another reason than its witness");
    }

    function isRefusal(bytes4 selector) private pure returns (bool) {
        return
            selector == IMachine.WitnessLengthWrong.selector ||
            selector == IMachine.CodeProofWrong.selector ||
            selector == IMachine.MemoryProofWrong.selector ||
            selector == IMachine.PreimageWrong.selector ||
            selector == IMachine.PreimageTooLong.selector ||
            selector == IMachine.BlobOpeningWrong.selector;
    }

    /// The first step of this shape that the seed leads to.
    function scenarioOf(uint256 seed, uint8 opcode, uint8 kind) private view returns (bytes32, bytes memory) {
        for (uint256 i = 0; ; i++) {
            (bytes32 codeRoot, bytes memory witness) = scenario.make(uint256(keccak256(abi.encode(seed, i))));
            if (isOf(witness, opcode, kind)) return (codeRoot, witness);
        }
        revert();
    }

    function isOf(bytes memory witness, uint8 opcode, uint8 kind) private pure returns (bool) {
        if (opcode == ANY) return witness.length == CODE;
        if (witness.length < MEMORY) return false;
        // The leaf's word lies with its lowest byte last; the pc stands in eight bytes behind the root.
        if (uint8(witness[STATE + 31 - (uint8(witness[39]) % 32)]) != opcode) return false;
        if (kind == ANY) return true;
        // a0 is x10, the tenth register behind the pc.
        return witness.length > MEMORY && uint8(witness[40 + 8 * 10 - 1]) == kind;
    }
}
