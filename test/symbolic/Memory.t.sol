// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Machine} from "../../contracts/machine/Machine.sol";
import {Specification} from "../machine/Specification.sol";
import {Proofs} from "./Proofs.sol";

/// Loads and stores: the machine's own bytecode against the plain specification, for every place in a leaf, every size, and all contents of
/// the leaf, the register that is stored and the siblings; the leaf's own place is given.
contract MemoryProofs is Proofs {
    Machine private constant MACHINE = Machine(address(0xac));
    Specification private specification;

    uint64 private constant LEAF = 0x8a5a5a40;

    function setUp() external {
        specification = new Specification();
        vm.etch(address(MACHINE), type(Machine).runtimeCode); // its constructor calls precompiles, which a proof can't
    }

    /// Steps over `instruction` at pc 0, with x5 = `address_` and x6 = `value`, in an otherwise empty state and text.
    function prove(uint32 instruction, uint64 address_, uint64 value, bytes memory memoryProof) private view {
        bytes memory siblings = new bytes(512);
        bytes32 code = bytes32(uint256(instruction));
        bytes32 codeRoot = specification.walk(code, 0, siblings);
        bytes32 root;
        if (memoryProof.length != 0) root = this.rootOf(memoryProof, address_);
        bytes memory state = abi.encodePacked(root, new bytes(40), address_, value, new bytes(200));
        bytes memory witness = abi.encodePacked(state, code, siblings, memoryProof);
        (bytes32 before, bytes32 afterwards) = MACHINE.step(codeRoot, witness);
        (bytes32 expectedBefore, bytes32 expected) = specification.step(codeRoot, witness);
        assert(before == expectedBefore);
        assert(afterwards == expected);
    }

    function rootOf(bytes calldata memoryProof, uint64 address_) external view returns (bytes32) {
        return specification.walk(bytes32(memoryProof[:32]), address_ / 32, memoryProof[32:]);
    }

    function joined(bytes32 leaf, bytes32[27] calldata siblings) private pure returns (bytes memory proof) {
        proof = abi.encodePacked(leaf);
        for (uint256 i = 0; i < 27; i++) proof = abi.encodePacked(proof, siblings[i]);
    }

    function load(uint32 funct3) private pure returns (uint32) {
        return (5 << 15) | (funct3 << 12) | (7 << 7) | 0x03; // x7 = [x5]
    }

    function store(uint32 funct3) private pure returns (uint32) {
        return (6 << 20) | (5 << 15) | (funct3 << 12) | 0x23; // [x5] = x6
    }

    /// Each place in the leaf is a path of its own.
    function loads(
        uint32 funct3,
        uint64 place,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) private view {
        bytes memory proof = joined(leaf, siblings);
        for (uint64 at = 0; at < 32; at += uint64(1) << (funct3 & 3)) {
            if (at == place) return prove(load(funct3), LEAF + at, value, proof);
        }
    }

    function stores(
        uint32 funct3,
        uint64 place,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) private view {
        bytes memory proof = joined(leaf, siblings);
        for (uint64 at = 0; at < 32; at += uint64(1) << funct3) {
            if (at == place) return prove(store(funct3), LEAF + at, value, proof);
        }
    }

    /// @custom:halmos --loop 33
    function check_loadByte(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(0, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadHalf(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(1, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadWord(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(2, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadDouble(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(3, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadByteUnsigned(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(4, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadHalfUnsigned(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(5, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_loadWordUnsigned(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        loads(6, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_storeByte(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        stores(0, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_storeHalf(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        stores(1, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_storeWord(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        stores(2, at, value, leaf, siblings);
    }

    /// @custom:halmos --loop 33
    function check_storeDouble(
        uint64 at,
        uint64 value,
        bytes32 leaf,
        bytes32[27] calldata siblings
    ) external view {
        stores(3, at, value, leaf, siblings);
    }

    /// An address that is misaligned or outside the memory fails, whatever the size; for a store, one in the text too.
    function check_loadOutside(uint32 free, uint64 address_, uint64 value) external view {
        uint32 funct3 = (free >> 12) & 7;
        vm.assume(funct3 == 7 || address_ >= 2 ** 32 || address_ & ((1 << (funct3 & 3)) - 1) != 0);
        prove(load(funct3), address_, value, "");
    }

    function check_storeOutside(uint32 free, uint64 address_, uint64 value) external view {
        uint32 funct3 = (free >> 12) & 7;
        vm.assume(
            funct3 > 3 || address_ >= 2 ** 32 || address_ < 2 ** 21 || address_ & ((1 << funct3) - 1) != 0
        );
        prove(store(funct3), address_, value, "");
    }
}
