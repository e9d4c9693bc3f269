// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IMachine} from "./IMachine.sol";

/// Calls one of a fixed list of precompiles for a program, which names the call by the hash of `address u16 ‖ gas u32 ‖ input`.
library PrecompileCall {
    uint256 internal constant ECRECOVER = 1;
    uint256 internal constant MODEXP = 5;
    /// The list is 1 … 5: ecrecover, sha256, ripemd160, identity, modexp.
    uint256 internal constant LAST = MODEXP;

    uint256 internal constant HEAD_SIZE = 6;
    uint256 internal constant INPUT_LIMIT = 4096;
    uint256 internal constant GAS_LIMIT = 3_000_000;
    uint256 internal constant MODEXP_OPERAND_LIMIT = 1024;
    /// What a step may need beside the call itself: the rest of it. [gas]
    uint256 internal constant GAS_RESERVE = 50_000;
    /// What the precompiles are tried with: a program that offers less relies on a price, which a chain may raise.
    uint256 internal constant PROBE_GAS = 50_000;
    /// The length that stands for a call that failed.
    uint256 internal constant FAILED = 0xffffffffffffffff;

    /// Returns the word of the output at `offset` and the length of the output, or FAILED. Not `legal`: the call is outside the limits.
    /// @dev Offers exactly the gas named, never what happens to be left: else whoever steps could starve the call and pass that off as its result.
    /// @param copy Where `key` lies in memory.
    /// @param key The preimage of the key, verified.
    function run(
        uint256 copy,
        bytes calldata key,
        uint256 offset
    ) internal view returns (bytes32 word, uint256 length, bool legal) {
        if (key.length < HEAD_SIZE) return (0, 0, false);
        uint256 target = uint16(bytes2(key[:2]));
        uint256 gasOffered = uint32(bytes4(key[2:6]));
        bytes calldata input = key[HEAD_SIZE:];
        if (!isAllowed(target, gasOffered, input)) return (0, 0, false);

        // One call forwards at most 63/64 of what is left.
        uint256 needed = (gasOffered * 64) / 63 + GAS_RESERVE;
        uint256 available = gasleft();
        require(available >= needed, IMachine.StepGasTooLow(needed, available));

        // memory-safe: reads the input where `copied` left it, nothing took memory since; writes one word of scratch space
        assembly ("memory-safe") {
            let success := staticcall(gasOffered, target, add(copy, HEAD_SIZE), input.length, 0, 0)
            length := FAILED
            if success {
                length := returndatasize()
                if lt(offset, length) {
                    let present := sub(length, offset)
                    if gt(present, 32) {
                        present := 32
                    }
                    mstore(0, 0)
                    returndatacopy(0, offset, present)
                    word := mload(0)
                }
            }
            legal := 1
        }
    }

    function isAllowed(uint256 target, uint256 gasOffered, bytes calldata input) private pure returns (bool) {
        if (target < ECRECOVER || target > LAST) return false;
        if (gasOffered > GAS_LIMIT || input.length > INPUT_LIMIT) return false;
        return target != MODEXP || areOperandsShort(input);
    }

    /// Whether the three lengths at the head of a modexp input, zero-padded, are within the limit.
    function areOperandsShort(bytes calldata input) private pure returns (bool) {
        for (uint256 at = 0; at < 96; at += 32) {
            if (at >= input.length) break;
            bytes calldata tail = input[at:];
            uint256 length = uint256(bytes32(tail));
            if (length > MODEXP_OPERAND_LIMIT) return false;
        }
        return true;
    }

    /// Tries each precompile of the list on a published vector. Reverts if one isn't what it is on Ethereum, or takes more gas than programs offer.
    function requireStandard() internal view {
        // EIP-2 era vector of the ecrecover precompile, as in go-ethereum's tests.
        requireOutput(
            1,
            hex"18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c"
            hex"000000000000000000000000000000000000000000000000000000000000001c"
            hex"73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f"
            hex"eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549",
            hex"000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b"
        );
        requireOutput(1, hex"", hex"");
        requireOutput(2, "abc", hex"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        requireOutput(3, "abc", hex"0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
        requireOutput(4, "abc", "abc");
        // EIP-198: 3^(2^256 − 2^32 − 978) modulo the secp256k1 prime is 1.
        requireOutput(
            5,
            hex"0000000000000000000000000000000000000000000000000000000000000001"
            hex"0000000000000000000000000000000000000000000000000000000000000020"
            hex"0000000000000000000000000000000000000000000000000000000000000020"
            hex"03"
            hex"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e"
            hex"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
            hex"0000000000000000000000000000000000000000000000000000000000000001"
        );
    }

    function requireOutput(uint256 target, bytes memory input, bytes memory expected) private view {
        (bool success, bytes memory output) = address(uint160(target)).staticcall{gas: PROBE_GAS}(input);
        require(success && keccak256(output) == keccak256(expected), IMachine.PrecompileDiffers(target));
    }
}
