// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What can be held: `kind u8 ‖ zero(11) ‖ token address(20)`.
type Asset is bytes32;

using AssetReading for Asset global;

// The native coin of the settlement chain; its token is the zero address.
uint8 constant NATIVE = 0;
// Tokens that live on L1.
uint8 constant ERC20 = 1;
uint8 constant ERC721 = 2;
uint8 constant ERC1155 = 3;
// Born on a rollup: the token is its L2 address, and a mirror stands for it on L1.
uint8 constant BORN_FUNGIBLE = 5;
uint8 constant BORN_COLLECTION = 6;
uint8 constant BORN_MULTI = 7;

function assetOf(uint8 kind, address token) pure returns (Asset) {
    return Asset.wrap(bytes32((uint256(kind) << 248) | uint160(token)));
}

/// Fields of `Asset`.
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library AssetReading {
    function kind(Asset asset) internal pure returns (uint8) {
        return uint8(uint256(Asset.unwrap(asset)) >> 248);
    }

    function token(Asset asset) internal pure returns (address) {
        return address(uint160(uint256(Asset.unwrap(asset))));
    }
}
