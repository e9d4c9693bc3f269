// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IMachine} from "../../contracts/machine/IMachine.sol";

/// The step once more, for comparison: no assembly, no sharing with the contract, one plain line per rule of docs/encodings/machine.md, typed
/// arithmetic of 32, 64 and 128 bits. Slow.
contract Specification {
    struct Hart {
        bytes32 memoryRoot;
        uint64 pc;
        uint64[32] x;
    }

    uint64 private constant EXIT = type(uint64).max;
    uint64 private constant ERROR = type(uint64).max - 1;

    function step(
        bytes32 codeRoot,
        bytes calldata witness
    ) external view returns (bytes32 before, bytes32 afterwards) {
        if (witness.length < 288) revert IMachine.WitnessLengthWrong(288, witness.length);
        Hart memory hart = decode(witness);
        before = encode(hart);
        if (hart.pc == EXIT || hart.pc == ERROR) {
            expectLength(witness, 288);
            return (before, before);
        }
        if (hart.pc >= 2 ** 21 || hart.pc % 4 != 0) {
            expectLength(witness, 288);
            fail(hart);
            return (before, encode(hart));
        }
        if (witness.length < 832) revert IMachine.WitnessLengthWrong(832, witness.length);
        bytes32 root = walk(bytes32(witness[288:320]), hart.pc / 32, witness[320:832]);
        if (root != codeRoot) revert IMachine.CodeProofWrong(codeRoot, root);
        execute(hart, uint32(littleEndian(bytes32(witness[288:320]), hart.pc % 32, 4)), witness);
        afterwards = encode(hart);
    }

    function decode(bytes calldata witness) private pure returns (Hart memory hart) {
        hart.memoryRoot = bytes32(witness[:32]);
        hart.pc = uint64(bytes8(witness[32:40]));
        for (uint256 i = 1; i < 32; i++) hart.x[i] = uint64(bytes8(witness[32 + 8 * i:40 + 8 * i]));
    }

    function encode(Hart memory hart) private pure returns (bytes32) {
        uint64[32] memory x = hart.x;
        bytes memory encoded = abi.encodePacked(hart.memoryRoot, hart.pc, x[1], x[2], x[3]);
        for (uint256 i = 4; i < 32; i += 4)
            encoded = abi.encodePacked(encoded, x[i], x[i + 1], x[i + 2], x[i + 3]);
        return keccak256(encoded);
    }

    function walk(bytes32 node, uint256 index, bytes calldata siblings) public pure returns (bytes32) {
        for (uint256 level = 0; level < siblings.length / 32; level++) {
            bytes32 sibling = bytes32(siblings[32 * level:32 * level + 32]);
            node =
                index % 2 == 0 ? keccak256(abi.encode(node, sibling)) : keccak256(abi.encode(sibling, node));
            index /= 2;
        }
        return node;
    }

    /// Bytes of a leaf: the byte at the lowest address is the last of the word.
    function littleEndian(bytes32 leaf, uint256 offset, uint256 size) private pure returns (uint64 value) {
        for (uint256 i = 0; i < size; i++) value += uint64(uint8(leaf[31 - offset - i])) << uint64(8 * i);
    }

    function fail(Hart memory hart) private pure {
        hart.pc = ERROR;
        for (uint256 i = 10; i < 14; i++) hart.x[i] = 0;
    }

    function expectLength(bytes calldata witness, uint256 length) private pure {
        if (witness.length != length) revert IMachine.WitnessLengthWrong(length, witness.length);
    }

    function set(Hart memory hart, uint256 rd, uint64 value) private pure {
        if (rd != 0) hart.x[rd] = value;
        hart.pc += 4;
    }

    /// Bits `high` … `low` of the instruction.
    function bits(uint32 i, uint256 high, uint256 low) private pure returns (uint32) {
        return uint32((uint256(i) / 2 ** low) % 2 ** (high - low + 1));
    }

    /// The lowest `width` bits as a signed number, as 64 bits.
    function extend(uint256 value, uint256 width) private pure returns (uint64) {
        value %= 2 ** width;
        if (value < 2 ** (width - 1)) return uint64(value);
        return uint64(2 ** 64 + value - 2 ** width);
    }

    function add(uint64 a, uint64 b) private pure returns (uint64 sum) {
        unchecked {
            sum = a + b;
        }
    }

    function execute(Hart memory hart, uint32 i, bytes calldata witness) private view {
        uint32 opcode = bits(i, 6, 0);
        if (opcode == 3) return load(hart, i, witness);
        if (opcode == 35) return store(hart, i, witness);
        if (i == 115 && hart.x[17] == 1) return read(hart, witness);

        expectLength(witness, 832);
        if (opcode == 99) return branch(hart, i);
        if (opcode == 111) return jump(hart, i, add(hart.pc, jumpOffset(i)));
        if (opcode == 103 && bits(i, 14, 12) == 0) {
            uint64 target = add(hart.x[bits(i, 19, 15)], extend(bits(i, 31, 20), 12));
            return jump(hart, i, target - (target % 2));
        }
        if (opcode == 55) return set(hart, bits(i, 11, 7), extend(uint256(bits(i, 31, 12)) * 4096, 32));
        if (opcode == 23)
            return set(hart, bits(i, 11, 7), add(hart.pc, extend(uint256(bits(i, 31, 12)) * 4096, 32)));
        if (opcode == 15 && bits(i, 14, 12) < 2) return set(hart, 0, 0);
        if (i == 115 && hart.x[17] == 93) {
            hart.pc = EXIT;
            return;
        }
        (bool legal, uint64 result) = compute(hart, i, opcode);
        if (legal) set(hart, bits(i, 11, 7), result);
        else fail(hart);
    }

    function jumpOffset(uint32 i) private pure returns (uint64) {
        return
            extend(
                uint256(bits(i, 31, 31)) * 2 ** 20 +
                    uint256(bits(i, 19, 12)) * 2 ** 12 +
                    uint256(bits(i, 20, 20)) * 2 ** 11 +
                    uint256(bits(i, 30, 21)) * 2,
                21
            );
    }

    function jump(Hart memory hart, uint32 i, uint64 target) private pure {
        if (target % 4 != 0) return fail(hart);
        set(hart, bits(i, 11, 7), add(hart.pc, 4));
        hart.pc = target;
    }

    function branch(Hart memory hart, uint32 i) private pure {
        uint64 a = hart.x[bits(i, 19, 15)];
        uint64 b = hart.x[bits(i, 24, 20)];
        uint32 condition = bits(i, 14, 12);
        if (condition == 2 || condition == 3) return fail(hart);
        bool taken;
        if (condition < 2) taken = a == b;
        else if (condition < 6) taken = int64(a) < int64(b);
        else taken = a < b;
        // Odd conditions are the negations.
        if (condition % 2 == 1) taken = !taken;
        if (!taken) return set(hart, 0, 0);
        uint64 offset = extend(
            uint256(bits(i, 31, 31)) * 2 ** 12 +
                uint256(bits(i, 7, 7)) * 2 ** 11 +
                uint256(bits(i, 30, 25)) * 2 ** 5 +
                uint256(bits(i, 11, 8)) * 2,
            13
        );
        uint64 target = add(hart.pc, offset);
        if (target % 4 != 0) return fail(hart);
        hart.pc = target;
    }

    function isOutside(uint64 at, uint256 size) private pure returns (bool) {
        return at >= 2 ** 32 || at % size != 0;
    }

    function load(Hart memory hart, uint32 i, bytes calldata witness) private pure {
        uint32 kind = bits(i, 14, 12);
        uint256 size = 2 ** (kind % 4);
        uint64 at = add(hart.x[bits(i, 19, 15)], extend(bits(i, 31, 20), 12));
        if (kind == 7 || isOutside(at, size)) {
            expectLength(witness, 832);
            return fail(hart);
        }
        expectLength(witness, 1728);
        bytes32 leaf = provenLeaf(hart, at, witness);
        uint64 value = littleEndian(leaf, at % 32, size);
        set(hart, bits(i, 11, 7), kind < 4 ? extend(value, 8 * size) : value);
    }

    function store(Hart memory hart, uint32 i, bytes calldata witness) private pure {
        uint32 kind = bits(i, 14, 12);
        uint64 at = add(hart.x[bits(i, 19, 15)], extend(uint256(bits(i, 31, 25)) * 32 + bits(i, 11, 7), 12));
        if (kind > 3 || isOutside(at, 2 ** kind) || at < 2 ** 21) {
            expectLength(witness, 832);
            return fail(hart);
        }
        expectLength(witness, 1728);
        bytes memory leaf = abi.encode(provenLeaf(hart, at, witness));
        uint64 value = hart.x[bits(i, 24, 20)];
        for (uint256 k = 0; k < 2 ** kind; k++)
            leaf[31 - (at % 32) - k] = bytes1(uint8(value / uint64(256 ** k)));
        hart.memoryRoot = walk(bytes32(leaf), at / 32, witness[864:1728]);
        set(hart, 0, 0);
    }

    function provenLeaf(
        Hart memory hart,
        uint64 at,
        bytes calldata witness
    ) private pure returns (bytes32 leaf) {
        leaf = bytes32(witness[832:864]);
        bytes32 root = walk(leaf, at / 32, witness[864:1728]);
        if (root != hart.memoryRoot) revert IMachine.MemoryProofWrong(hart.memoryRoot, root);
    }

    // ------------------------------------------------------------------------------------------------------ arithmetic

    function compute(
        Hart memory hart,
        uint32 i,
        uint32 opcode
    ) private pure returns (bool legal, uint64 result) {
        uint64 a = hart.x[bits(i, 19, 15)];
        uint64 b = hart.x[bits(i, 24, 20)];
        uint32 funct3 = bits(i, 14, 12);
        uint32 funct7 = bits(i, 31, 25);
        uint64 immediate = extend(bits(i, 31, 20), 12);
        if (opcode == 19) {
            if (funct3 == 1) return (bits(i, 31, 26) == 0, a << bits(i, 25, 20));
            if (funct3 == 5 && bits(i, 31, 26) == 0) return (true, a >> bits(i, 25, 20));
            if (funct3 == 5) return (bits(i, 31, 26) == 16, uint64(int64(a) >> bits(i, 25, 20)));
            return (true, basic(funct3, a, immediate));
        }
        if (opcode == 51) {
            if (funct7 == 1) return (true, product(funct3, a, b));
            if (funct7 == 0) return (true, basic(funct3, a, b));
            if (funct7 == 32 && funct3 == 0) return (true, add(a, add(~b, 1)));
            if (funct7 == 32 && funct3 == 5) return (true, uint64(int64(a) >> (b % 64)));
        }
        if (opcode == 27) {
            if (funct3 == 0) return (true, extend(add(a, immediate), 32));
            return shiftWord(funct3, funct7, a, bits(i, 24, 20));
        }
        if (opcode == 59) {
            if (funct7 == 1) return productWord(funct3, a, b);
            if (funct3 == 0 && funct7 == 0) return (true, extend(add(a, b), 32));
            if (funct3 == 0 && funct7 == 32) return (true, extend(add(a, add(~b, 1)), 32));
            return shiftWord(funct3, funct7, a, uint32(b % 32));
        }
    }

    function basic(uint32 funct3, uint64 a, uint64 b) private pure returns (uint64) {
        if (funct3 == 0) return add(a, b);
        if (funct3 == 1) return a << (b % 64);
        if (funct3 == 2) return int64(a) < int64(b) ? 1 : 0;
        if (funct3 == 3) return a < b ? 1 : 0;
        if (funct3 == 4) return a ^ b;
        if (funct3 == 5) return a >> (b % 64);
        if (funct3 == 6) return a | b;
        return a & b;
    }

    function shiftWord(
        uint32 funct3,
        uint32 funct7,
        uint64 a,
        uint32 amount
    ) private pure returns (bool, uint64) {
        uint32 low = uint32(a);
        if (funct3 == 1 && funct7 == 0) return (true, extend(low << amount, 32));
        if (funct3 == 5 && funct7 == 0) return (true, extend(low >> amount, 32));
        if (funct3 == 5 && funct7 == 32) return (true, uint64(int64(int32(low) >> amount)));
        return (false, 0);
    }

    function product(uint32 funct3, uint64 a, uint64 b) private pure returns (uint64) {
        int128 signedA = int128(int64(a));
        int128 signedB = int128(int64(b));
        if (funct3 == 0) return uint64(uint256(a) * b);
        if (funct3 == 1) return uint64(uint128((signedA * signedB) >> 64));
        if (funct3 == 2) return uint64(uint128((signedA * int128(uint128(b))) >> 64));
        if (funct3 == 3) return uint64((uint256(a) * b) >> 64);
        if (b == 0) return funct3 < 6 ? type(uint64).max : a;
        if (funct3 == 4) return uint64(uint128(signedA / signedB));
        if (funct3 == 5) return a / b;
        if (funct3 == 6) return uint64(uint128(signedA % signedB));
        return a % b;
    }

    function productWord(uint32 funct3, uint64 a, uint64 b) private pure returns (bool, uint64) {
        (uint32 lowA, uint32 lowB) = (uint32(a), uint32(b));
        if (funct3 == 0) return (true, extend(uint256(lowA) * lowB, 32));
        if (funct3 < 4) return (false, 0);
        if (lowB == 0) return (true, funct3 < 6 ? type(uint64).max : extend(lowA, 32));
        int64 signedA = int64(int32(lowA));
        int64 signedB = int64(int32(lowB));
        if (funct3 == 4) return (true, extend(uint64(signedA / signedB), 32));
        if (funct3 == 5) return (true, extend(lowA / lowB, 32));
        if (funct3 == 6) return (true, uint64(signedA % signedB));
        return (true, extend(lowA % lowB, 32));
    }

    // ------------------------------------------------------------------------------------------------------------ READ

    function read(Hart memory hart, bytes calldata witness) private view {
        (uint64 kind, uint64 offset, uint64 at) = (hart.x[10], hart.x[15], hart.x[16]);
        if (kind > 2 || offset % 32 != 0 || isOutside(at, 32) || at < 2 ** 21) {
            expectLength(witness, 832);
            return fail(hart);
        }
        if (witness.length < 1728) revert IMachine.WitnessLengthWrong(1728, witness.length);
        (bool legal, bytes32 word, uint64 length) = answer(kind, keyOf(hart), offset, witness);
        provenLeaf(hart, at, witness);
        if (!legal) return fail(hart);
        hart.memoryRoot = walk(reversed(word), at / 32, witness[864:1728]);
        hart.x[10] = length;
        hart.pc += 4;
    }

    function keyOf(Hart memory hart) private pure returns (bytes32) {
        bytes memory key = new bytes(32);
        for (uint256 i = 0; i < 32; i++) key[i] = bytes1(uint8(hart.x[11 + i / 8] / uint64(256 ** (i % 8))));
        return bytes32(key);
    }

    function reversed(bytes32 word) private pure returns (bytes32) {
        bytes memory out = new bytes(32);
        for (uint256 i = 0; i < 32; i++) out[i] = word[31 - i];
        return bytes32(out);
    }

    function answer(
        uint64 kind,
        bytes32 key,
        uint64 offset,
        bytes calldata witness
    ) private view returns (bool legal, bytes32 word, uint64 length) {
        bytes calldata rest = witness[1728:];
        if (kind == 1) {
            expectLength(witness, offset < 131072 ? 1856 : 1728);
            return (true, offset < 131072 ? blobWord(key, offset / 32, rest) : bytes32(0), 131072);
        }
        if (rest.length > 24576) revert IMachine.PreimageTooLong(24576, rest.length);
        if (keccak256(rest) != key) revert IMachine.PreimageWrong(key, keccak256(rest));
        if (kind == 0) return (true, wordAt(rest, offset), uint64(rest.length));

        if (rest.length < 6 || rest.length > 4102) return (false, 0, 0);
        uint256 target = uint16(bytes2(rest[:2]));
        uint256 offered = uint32(bytes4(rest[2:6]));
        if (target == 0 || target > 5 || offered > 3_000_000) return (false, 0, 0);
        for (uint256 i = 0; i < 3; i++)
            if (target == 5 && uint256(wordAt(rest[6:], 32 * i)) > 1024) return (false, 0, 0);
        (bool success, bytes memory output) = address(uint160(target)).staticcall{gas: offered}(rest[6:]);
        return (
            true,
            success ? this.wordAt(output, offset) : bytes32(0),
            success ? uint64(output.length) : type(uint64).max
        );
    }

    /// Only for openings that are wrong: fuzzing knows no polynomial. Machine.read.test.ts opens real ones.
    function blobWord(bytes32 key, uint256 index, bytes calldata) private pure returns (bytes32) {
        revert IMachine.BlobOpeningWrong(key, index);
    }

    function wordAt(bytes calldata data, uint256 offset) public pure returns (bytes32) {
        if (offset >= data.length) return 0;
        return data.length - offset >= 32 ? bytes32(data[offset:offset + 32]) : bytes32(data[offset:]);
    }
}
