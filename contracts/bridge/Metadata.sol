// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// What a born asset is called: `nameLength u8 ‖ name ‖ symbolLength u8 ‖ symbol ‖ uriLength u16 ‖ uri`.
library Metadata {
    /// @notice Raised when the metadata given isn't what the exit's hash commits to. Take it from the rollup's asset entry.
    error MetadataMismatch(bytes32 computed, bytes32 committed);
    /// @notice Raised when metadata doesn't parse, or name, symbol or URI is longer than 64, 16 or 256 bytes. Check the bytes against
    /// docs/encodings.md; an asset born with such metadata can't have a mirror.
    error MetadataMalformed(uint256 length);

    /// Returns the three texts of `metadata`, which must hash to `committed`.
    function read(
        bytes calldata metadata,
        bytes32 committed
    ) internal pure returns (string calldata name, string calldata symbol, string calldata uri) {
        bytes32 computed = keccak256(metadata);
        require(computed == committed, MetadataMismatch(computed, committed));
        uint256 at;
        (name, at) = _text(metadata, 0, 1, 64);
        (symbol, at) = _text(metadata, at, 1, 16);
        (uri, at) = _text(metadata, at, 2, 256);
        require(at == metadata.length, MetadataMalformed(metadata.length));
    }

    function _text(
        bytes calldata metadata,
        uint256 at,
        uint256 width,
        uint256 most
    ) private pure returns (string calldata text, uint256 end) {
        uint256 start = at + width;
        require(start <= metadata.length, MetadataMalformed(metadata.length));
        uint256 length = uint8(metadata[at]);
        if (width == 2) length = (length << 8) | uint8(metadata[at + 1]);
        end = start + length;
        require(length <= most && end <= metadata.length, MetadataMalformed(metadata.length));
        text = string(metadata[start:end]);
    }
}
