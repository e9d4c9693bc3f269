// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Makes a random step with the witness it needs: a state, an instruction that usually exists, registers that usually are interesting, a memory
/// access that usually is in range, and the proofs that fit.
contract Scenario {
    struct Draft {
        uint64 pc;
        uint64[32] x;
        uint32 instruction;
        bytes rest;
    }

    /// Returns the right witness and the code root for it.
    function make(uint256 seed) external pure returns (bytes32 codeRoot, bytes memory witness) {
        Draft memory draft = drawn(seed);
        uint64 at;
        bool isAccess;
        if (isFetched(draft.pc)) (isAccess, at) = access(draft);

        // Siblings are any words; the roots follow from them.
        bytes32 codeLeaf = withInstruction(bytes32(random(seed, "code")), draft.pc % 32, draft.instruction);
        bytes32[] memory code = proof(codeLeaf, 16, random(seed, "code siblings"));
        bytes32[] memory data = proof(bytes32(random(seed, "leaf")), 27, random(seed, "siblings"));
        codeRoot = rootOf(code, draft.pc / 32);

        witness = abi.encodePacked(rootOf(data, at / 32), draft.pc, packed(draft.x));
        if (isFetched(draft.pc)) witness = abi.encodePacked(witness, code);
        if (isAccess) witness = abi.encodePacked(witness, data, draft.rest);
    }

    function packed(uint64[32] memory x) private pure returns (bytes memory registers) {
        registers = abi.encodePacked(x[1], x[2], x[3]);
        for (uint256 i = 4; i < 32; i += 4)
            registers = abi.encodePacked(registers, x[i], x[i + 1], x[i + 2], x[i + 3]);
    }

    /// Flips a bit, cuts, or appends.
    function damage(bytes memory witness, uint256 seed) external pure returns (bytes memory) {
        uint256 way = random(seed, "way") % 8;
        if (way == 0) return bytes.concat(witness, bytes1(uint8(seed)));
        if (way == 1) {
            bytes memory shorter = new bytes(random(seed, "cut") % witness.length);
            for (uint256 i = 0; i < shorter.length; i++) shorter[i] = witness[i];
            return shorter;
        }
        uint256 place = random(seed, "place") % witness.length;
        witness[place] ^= bytes1(uint8(1 << (random(seed, "bit") % 8)));
        return witness;
    }

    function stateOf(bytes calldata witness) external pure returns (bytes32) {
        return keccak256(witness[:288]);
    }

    function random(uint256 seed, string memory purpose) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, purpose)));
    }

    function isFetched(uint64 pc) private pure returns (bool) {
        return pc < 2 ** 21 && pc % 4 == 0;
    }

    function drawn(uint256 seed) private pure returns (Draft memory draft) {
        for (uint256 i = 1; i < 32; i++) draft.x[i] = value(random(seed, "register") ^ i);
        uint256 dice = random(seed, "pc");
        draft.pc = uint64((dice >> 8) % 2 ** 19) * 4;
        if (dice % 64 == 0) draft.pc = value(dice >> 8);
        if (dice % 64 == 1) draft.pc = type(uint64).max - uint64((dice >> 8) % 4);

        dice = random(seed, "instruction");
        draft.instruction = instruction(dice);
        if (dice % 16 == 0) {
            draft.instruction = 0x73;
            if ((dice >> 4) % 4 == 0) draft.x[17] = 93;
            else if ((dice >> 4) % 16 != 1) prepareRead(draft, dice >> 8);
        } else if (dice % 64 != 1) {
            uint32 opcode = draft.instruction % 128;
            if (opcode == 3 || opcode == 35) prepareAccess(draft, dice >> 8);
        }
    }

    /// An edge, a small number, a sparse one or any.
    function value(uint256 seed) private pure returns (uint64) {
        seed = uint256(keccak256(abi.encode(seed)));
        uint256 way = seed % 8;
        uint64 any = uint64(seed >> 8);
        if (way == 0) return uint64(1) << (any % 64);
        if (way == 1) return ~uint64(0) >> (any % 64);
        if (way == 2) return ~(uint64(1) << (any % 64)) ^ (any >> 63);
        if (way == 3) return any % 256;
        if (way == 4) return type(uint64).max - (any % 256);
        if (way == 5) return any & 0xffffffff;
        if (way == 6) return any | 0xffffffff00000000;
        return any;
    }

    /// Fifteen of sixteen have an opcode that exists, most a selector that exists too.
    function instruction(uint256 dice) private pure returns (uint32 word) {
        word = uint32(dice >> 32);
        if (dice % 16 == 15) return word;
        uint8[13] memory opcodes = [
            0x03,
            0x23,
            0x13,
            0x33,
            0x63,
            0x1b,
            0x3b,
            0x37,
            0x17,
            0x6f,
            0x67,
            0x0f,
            0x73
        ];
        uint8[3] memory selectors = [0, 0x20, 1];
        uint32 opcode = opcodes[(dice >> 64) % 13];
        word = word - (word % 128) + opcode;
        bool isRegisterForm = opcode == 0x33 || opcode == 0x3b || opcode == 0x1b;
        if (isRegisterForm && (dice >> 96) % 16 != 0)
            word = (word % 2 ** 25) + uint32(selectors[(dice >> 100) % 3]) * 2 ** 25;
        if (opcode == 0x13 && (dice >> 96) % 4 != 0) word = word & 0x43ffffff;
    }

    /// Sets rs1 so that the access is usually aligned and in range.
    function prepareAccess(Draft memory draft, uint256 dice) private pure {
        uint32 word = draft.instruction;
        uint256 rs1 = (word >> 15) % 32;
        uint64 target = uint64(2 ** 21 + (dice % (2 ** 32 - 2 ** 21)));
        if ((dice >> 64) % 16 == 0) target = uint64(2 ** 21 - 32 + (dice % 64));
        if ((dice >> 64) % 16 == 1) target = uint64(2 ** 32 - 32 + (dice % 64));
        if ((dice >> 64) % 16 == 2) target = uint64(dice % 2 ** 21);
        if ((dice >> 68) % 8 != 0) target -= target % 8;
        unchecked {
            if (rs1 != 0) draft.x[rs1] = target - offsetOf(word);
        }
    }

    function offsetOf(uint32 word) private pure returns (uint64) {
        uint256 raw = word % 128 == 3 ? word >> 20 : ((word >> 25) << 5) | ((word >> 7) % 32);
        unchecked {
            return uint64(raw >= 2048 ? raw - 4096 : raw);
        }
    }

    function prepareRead(Draft memory draft, uint256 dice) private pure {
        draft.x[17] = 1;
        draft.x[10] = uint64(dice % 3);
        draft.x[15] = uint64(32 * ((dice >> 8) % 8));
        draft.x[16] = uint64(2 ** 21 + 32 * ((dice >> 16) % (2 ** 27 - 2 ** 16)));
        if ((dice >> 64) % 16 == 0) draft.x[10] = uint64(dice >> 32);
        if ((dice >> 64) % 16 == 1) draft.x[15] = uint64(dice >> 72);
        if ((dice >> 64) % 16 == 2) draft.x[16] = uint64(dice >> 72);
        // Past the end of a blob: what needs no opening.
        if (draft.x[10] == 1) {
            draft.x[15] = uint64(131072 + 32 * ((dice >> 8) % 8));
            return;
        }

        draft.rest = bytes.concat(keccak256(abi.encode(dice)), keccak256(abi.encode(dice, 1)));
        if ((dice >> 80) % 4 != 0)
            draft.rest = bytes.concat(draft.rest, draft.rest, draft.rest, bytes30(bytes32(dice)));
        if ((dice >> 80) % 8 == 0) draft.rest = bytes.concat(bytes9(bytes32(dice)));
        if ((dice >> 80) % 8 == 4) draft.rest = new bytes((dice >> 96) % 7);
        if (draft.x[10] == 2 && draft.rest.length > 5 && (dice >> 96) % 8 != 0) {
            draft.rest[0] = 0;
            draft.rest[1] = bytes1(uint8((dice >> 100) % 7));
            draft.rest[2] = 0;
            draft.rest[3] = bytes1(uint8((dice >> 104) % 64));
            // Modexp: short operands.
            if (draft.rest[1] == 0x05 && (dice >> 112) % 4 != 0)
                for (uint256 i = 6; i < draft.rest.length && i < 102; i++)
                    draft.rest[i] = (i - 6) % 32 < 31 ? bytes1(0) : draft.rest[i];
        }
        setKey(draft, keccak256(draft.rest));
    }

    function setKey(Draft memory draft, bytes32 key) private pure {
        for (uint256 i = 0; i < 4; i++) {
            draft.x[11 + i] = 0;
            for (uint256 k = 8; k > 0; k--)
                draft.x[11 + i] = draft.x[11 + i] * 256 + uint8(key[8 * i + k - 1]);
        }
    }

    /// Whether the step touches memory, and where.
    function access(Draft memory draft) private pure returns (bool, uint64 at) {
        uint32 word = draft.instruction;
        uint32 funct3 = (word >> 12) % 8;
        if (word == 0x73 && draft.x[17] == 1) {
            at = draft.x[16];
            return (
                draft.x[10] < 3 && draft.x[15] % 32 == 0 && at % 32 == 0 && at >= 2 ** 21 && at < 2 ** 32,
                at
            );
        }
        if (word % 128 != 3 && word % 128 != 35) return (false, 0);
        unchecked {
            at = draft.x[(word >> 15) % 32] + offsetOf(word);
        }
        if (at >= 2 ** 32 || at % (2 ** (funct3 % 4)) != 0) return (false, at);
        return (word % 128 == 3 ? funct3 != 7 : funct3 < 4 && at >= 2 ** 21, at);
    }

    function withInstruction(bytes32 leaf, uint256 offset, uint32 word) private pure returns (bytes32) {
        uint256 mask = uint256(type(uint32).max) << (8 * (offset % 29));
        if (offset % 4 != 0) return leaf;
        return bytes32((uint256(leaf) & ~mask) | (uint256(word) << (8 * offset)));
    }

    /// A leaf and its siblings, lowest first.
    function proof(bytes32 leaf, uint256 depth, uint256 seed) private pure returns (bytes32[] memory path) {
        path = new bytes32[](depth + 1);
        path[0] = leaf;
        for (uint256 i = 1; i <= depth; i++) path[i] = keccak256(abi.encode(seed, i));
    }

    function rootOf(bytes32[] memory path, uint256 index) private pure returns (bytes32 node) {
        node = path[0];
        for (uint256 level = 1; level < path.length; level++) {
            bytes32 sibling = path[level];
            node =
                index % 2 == 0 ? keccak256(abi.encode(node, sibling)) : keccak256(abi.encode(sibling, node));
            index /= 2;
        }
    }
}
