// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";
import {Consent, ICanonicalBridge} from "./ICanonicalBridge.sol";

/// What owners sign (EIP-712), and who counts as having signed.
library Consents {
    bytes32 private constant EXIT_TO = keccak256(
        "ExitTo(uint64 rollup,uint256 index,bytes32 leafHash,address recipient,uint256 deadline)"
    );
    bytes32 private constant SELL = keccak256(
        "Sell(uint64 rollup,uint256 index,bytes32 leafHash,uint256 price,uint256 deadline)"
    );
    bytes32 private constant ESCAPE_TO = keccak256(
        "EscapeTo(uint64 rollup,address owner,bytes32 asset,uint256 id,address recipient,uint256 deadline)"
    );
    uint160 private constant ALIAS_OFFSET = uint160(0x1111000000000000000000000000000000001111);

    function exitTo(
        RollupId rollup,
        uint256 index,
        bytes32 leafHash,
        address recipient,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(EXIT_TO, rollup, index, leafHash, recipient, deadline));
    }

    function sell(
        RollupId rollup,
        uint256 index,
        bytes32 leafHash,
        uint256 price,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(SELL, rollup, index, leafHash, price, deadline));
    }

    function escapeTo(
        RollupId rollup,
        address owner,
        Asset asset,
        uint256 id,
        address recipient,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ESCAPE_TO, rollup, owner, asset, id, recipient, deadline));
    }

    /// The owner's key has signed, or the contract at its address says so (EIP-1271). An account with delegated code may do either.
    function requireSigned(address owner, bytes32 digest, Consent calldata consent) internal view {
        _requireInTime(consent);
        require(
            _isKeys(owner, digest, consent.signature) ||
                SignatureChecker.isValidERC1271SignatureNow(owner, digest, consent.signature),
            ICanonicalBridge.ConsentInvalid(owner)
        );
    }

    /// The owner's key has signed.
    function requireSignedByKey(address owner, bytes32 digest, Consent calldata consent) internal view {
        _requireInTime(consent);
        require(_isKeys(owner, digest, consent.signature), ICanonicalBridge.ConsentInvalid(owner));
    }

    /// Returns the address by which a program knows the L1 sender of a call.
    function aliasOf(address l1Sender) internal pure returns (address) {
        // Wraps around on purpose: an alias is the address plus the offset, modulo 2^160.
        unchecked {
            return address(uint160(l1Sender) + ALIAS_OFFSET);
        }
    }

    function _requireInTime(Consent calldata consent) private view {
        require(
            block.timestamp <= consent.deadline,
            ICanonicalBridge.ConsentExpired(block.timestamp, consent.deadline)
        );
    }

    function _isKeys(address owner, bytes32 digest, bytes calldata signature) private pure returns (bool) {
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(digest, signature);
        return problem == ECDSA.RecoverError.NoError && signer == owner;
    }
}
