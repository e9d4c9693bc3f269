//! Batch data behind a header's commitment.

use crate::bytes::Hash;
use crate::input::{Header, FLAG_MESSAGE_ONLY, KIND_CALLDATA};
use crate::keccak::keccak256;
use crate::oracle::{Oracle, Preimage};
use alloc::vec::Vec;

/// Chunks of the calldata layer, at most: their hashes are one preimage.
const CHUNK_LIMIT: usize = 768;

/// Returns the batch's data; nothing for a message-only batch and for a layer this program can't read.
pub fn read(oracle: &impl Oracle, header: &Header) -> Vec<u8> {
    let mut data = Vec::new();
    let silent = header.flags & FLAG_MESSAGE_ONLY != 0 || header.read_kind != KIND_CALLDATA;
    if silent || header.data_commitment == keccak256(b"") {
        return data;
    }
    let mut list = Preimage::new();
    oracle.read(&header.data_commitment, &mut list);
    let mut chunk = Preimage::new();
    for bytes in list.chunks_exact(32).take(CHUNK_LIMIT) {
        let mut hash = Hash::ZERO;
        hash.0.copy_from_slice(bytes);
        oracle.read(&hash, &mut chunk);
        data.extend_from_slice(&chunk);
    }
    data
}
