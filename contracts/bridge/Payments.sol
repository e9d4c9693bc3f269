// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

/// Moves assets out of and into the contract that uses it.
/// @dev Receivers and tokens are strangers: what they return is never copied beyond one word, and a payment that fails says so instead of
/// reverting. The only calls made are an empty one with value, and the transfer functions of the standards.
library Payments {
    uint256 private constant OWNER_GAS = 100_000;

    /// Pays coins. `gasLimit` is what the receiver gets at most.
    function sendNative(address to, uint256 amount, uint256 gasLimit) internal returns (bool isPaid) {
        // No input, no output.
        assembly ("memory-safe") {
            isPaid := call(gasLimit, to, amount, 0, 0, 0, 0)
        }
    }

    /// Pays ERC-20 tokens, also of those that return nothing.
    function sendToken(address token, address to, uint256 amount) internal returns (bool isPaid) {
        // As `_call` with `transfer(to, amount)`, whose 68 bytes are written beyond the free memory pointer, which stays where it is.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, shl(224, 0xa9059cbb))
            mstore(add(input, 4), to)
            mstore(add(input, 36), amount)
            isPaid := call(gas(), token, 0, input, 68, 0, 32)
            if isPaid {
                switch returndatasize()
                case 0 {
                    isPaid := gt(extcodesize(token), 0)
                }
                default {
                    isPaid := and(gt(returndatasize(), 31), eq(mload(0), 1))
                }
            }
        }
    }

    /// Pays an ERC-721 token, without asking the receiver: an exit names him, and he may lack the callback.
    function sendNft(address token, address to, uint256 id) internal returns (bool isPaid) {
        return _call(token, abi.encodeCall(IERC721.transferFrom, (address(this), to, id)));
    }

    /// Pays ERC-1155 tokens. The standard makes the receiver agree.
    function sendMulti(address token, address to, uint256 id, uint256 amount) internal returns (bool isPaid) {
        return _call(token, abi.encodeCall(IERC1155.safeTransferFrom, (address(this), to, id, amount, "")));
    }

    /// Moves ERC-20 tokens between others, by the allowance that `from` gave.
    /// @dev Warning: `from` must be the caller of the bridge.
    function pullToken(
        address token,
        address from,
        address to,
        uint256 amount
    ) internal returns (bool isPaid) {
        return _call(token, abi.encodeCall(IERC20.transferFrom, (from, to, amount)));
    }

    /// Returns a token balance; 0 if the token has no answer.
    function balanceOf(address token, address holder) internal view returns (uint256 held) {
        // `balanceOf(holder)`, 36 bytes in scratch space, and one word of output over it.
        assembly ("memory-safe") {
            mstore(0, shl(224, 0x70a08231))
            mstore(4, holder)
            // Arguments are evaluated from the last to the first: the call comes before the size of what it returned.
            if and(gt(returndatasize(), 31), staticcall(gas(), token, 0, 36, 0, 32)) {
                held := mload(0)
            }
        }
    }

    /// Returns true if `holder` owns the NFT with that id; false if the token has no answer.
    /// @dev The gas bounds what a token that knows no `ownerOf` can burn. Who calls with too little for it has none left for a deposit.
    function isNftOf(address token, address holder, uint256 id) internal view returns (bool isOwned) {
        // `ownerOf(id)`, 36 bytes in scratch space, and one word of output over it.
        assembly ("memory-safe") {
            mstore(0, shl(224, 0x6352211e))
            mstore(4, id)
            // Arguments are evaluated from the last to the first: the call comes before the size of what it returned.
            if and(gt(returndatasize(), 31), staticcall(OWNER_GAS, token, 0, 36, 0, 32)) {
                isOwned := eq(mload(0), holder)
            }
        }
    }

    /// @dev Succeeds if the call does and the token returns true, or nothing and has code. NFT standards return nothing.
    function _call(address token, bytes memory input) private returns (bool isPaid) {
        // One word of output into scratch space.
        assembly ("memory-safe") {
            isPaid := call(gas(), token, 0, add(input, 32), mload(input), 0, 32)
            if isPaid {
                switch returndatasize()
                case 0 {
                    isPaid := gt(extcodesize(token), 0)
                }
                default {
                    isPaid := and(gt(returndatasize(), 31), eq(mload(0), 1))
                }
            }
        }
    }
}
