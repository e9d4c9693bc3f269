// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What halmos offers to the proofs: a function `check_…` holds if no input makes an assert fail (docs/security/symbolic.md).
interface Prover {
    function assume(bool condition) external pure;
    function etch(address target, bytes calldata code) external;
    function roll(uint256 blockNumber) external;
    function warp(uint256 timestamp) external;
}

abstract contract Proofs {
    Prover internal constant vm = Prover(address(uint160(uint256(keccak256("hevm cheat code")))));
}
