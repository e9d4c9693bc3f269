// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {EXIT, ERROR, State, open} from "../../contracts/machine/State.sol";
import {reversed, reversedInLanes} from "../../contracts/machine/ByteOrder.sol";
import {Proofs} from "./Proofs.sol";

/// The state in memory, for all contents and every pair of registers.
contract StateProofs is Proofs {
    /// Returns x`i` of a state given as its nine words.
    function given(bytes32[9] calldata words, uint256 i) private pure returns (uint64) {
        if (i == 0) return 0;
        return uint64(uint256(words[1 + i / 4]) >> (192 - 64 * (i % 4)));
    }

    function opened(
        bytes calldata state
    ) external pure returns (uint64[32] memory x, uint256 pc, bytes32 hash) {
        State s;
        (s, pc, hash) = open(state);
        for (uint256 i = 0; i < 32; i++) x[i] = uint64(s.register(i));
    }

    function joined(bytes32[9] calldata words) private pure returns (bytes memory state) {
        for (uint256 i = 0; i < 9; i++) state = abi.encodePacked(state, words[i]);
    }

    /// `open` finds every register where it stands, x0 as 0, the pc, and the hash of what it was given.
    function check_open(bytes32[9] calldata words) external view {
        bytes memory state = joined(words);
        (uint64[32] memory x, uint256 pc, bytes32 hash) = this.opened(state);
        for (uint256 i = 0; i < 32; i++) assert(x[i] == given(words, i));
        assert(pc == uint64(uint256(words[1]) >> 192) && hash == keccak256(state));
    }

    function written(
        bytes calldata state,
        uint256 index,
        uint256 value,
        uint256 pc
    ) external pure returns (uint64[32] memory x, bytes32 root, bytes32 hash) {
        (State s, , ) = open(state);
        s.setRegister(index, value);
        for (uint256 i = 0; i < 32; i++) x[i] = uint64(s.register(i));
        root = s.memoryRoot();
        hash = s.seal(pc);
    }

    /// Setting a register changes that one, to the low 64 bits, and no other; what is hashed at the end has the next pc where x0 was.
    function check_setRegister(bytes32[9] calldata words, uint256 value, uint64 pc) external view {
        bytes memory state = joined(words);
        for (uint256 index = 0; index < 32; index++) {
            (uint64[32] memory x, bytes32 root, bytes32 hash) = this.written(state, index, value, pc);
            assert(root == words[0]);
            bytes memory expected = abi.encodePacked(words[0], pc);
            for (uint256 i = 0; i < 32; i++) {
                uint64 now_ = i == index ? uint64(value) : given(words, i);
                assert(x[i] == now_);
                if (i != 0) expected = abi.encodePacked(expected, now_);
            }
            assert(hash == keccak256(expected));
        }
    }

    function failed(
        bytes calldata state
    ) external pure returns (uint64[32] memory x, uint256 pc, bytes32 root) {
        (State s, , ) = open(state);
        pc = s.fail();
        for (uint256 i = 0; i < 32; i++) x[i] = uint64(s.register(i));
        root = s.memoryRoot();
    }

    /// A failure clears a0 … a3 and nothing else.
    function check_fail(bytes32[9] calldata words) external view {
        (uint64[32] memory x, uint256 pc, bytes32 root) = this.failed(joined(words));
        for (uint256 i = 0; i < 32; i++) assert(x[i] == (i >= 10 && i < 14 ? 0 : given(words, i)));
        assert(pc == ERROR && ERROR != EXIT && root == words[0]);
    }

    function keyed(bytes calldata state) external pure returns (bytes32) {
        (State s, , ) = open(state);
        return s.key();
    }

    /// A READ's key: byte k of it is byte k % 8, from the lowest, of register 11 + k / 8.
    function check_key(bytes32[9] calldata words) external view {
        bytes32 key = this.keyed(joined(words));
        for (uint256 k = 0; k < 32; k++)
            assert(uint8(key[k]) == uint8(given(words, 11 + k / 8) >> (8 * (k % 8))));
    }

    function check_byteOrder(uint256 word) external pure {
        uint256 all = reversed(word);
        uint256 lanes = reversedInLanes(word);
        for (uint256 k = 0; k < 32; k++) {
            assert(uint8(all >> (8 * k)) == uint8(word >> (8 * (31 - k))));
            assert(uint8(lanes >> (8 * k)) == uint8(word >> (8 * ((k / 8) * 8 + 7 - (k % 8)))));
        }
    }
}
