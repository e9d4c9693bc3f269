//! Name, symbol and URI of assets born here, as their mirror on L1 will show them.

use alloc::string::ToString;
use alloc::vec::Vec;
use rollworks_sdk::{keccak256, Address, Hash, Oracle, Preimage, Reader, U256};

pub const NAME_LIMIT: usize = 64;
pub const SYMBOL_LIMIT: usize = 16;
pub const URI_LIMIT: usize = 256;
/// A collection's URI leaves room for an id of 64 bits in decimal.
pub const COLLECTION_URI_LIMIT: usize = URI_LIMIT - 20;

pub fn encode(name: &[u8], symbol: &[u8], uri: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + name.len() + symbol.len() + uri.len());
    bytes.push(name.len() as u8);
    bytes.extend_from_slice(name);
    bytes.push(symbol.len() as u8);
    bytes.extend_from_slice(symbol);
    bytes.extend_from_slice(&(uri.len() as u16).to_be_bytes());
    bytes.extend_from_slice(uri);
    bytes
}

/// Returns the metadata hash of one piece of a collection: its URI is the collection's followed by the id.
pub fn piece_hash(oracle: &impl Oracle, collection: &Hash, id: &U256) -> Option<Hash> {
    let mut buffer = Preimage::new();
    oracle.read(collection, &mut buffer);
    let mut reader = Reader(&buffer);
    let length = reader.u8()?;
    let name = reader.take(length as usize)?;
    let length = reader.u8()?;
    let symbol = reader.take(length as usize)?;
    let length = reader.u16()?;
    let mut uri = reader.take(length as usize)?.to_vec();
    uri.extend_from_slice(id.to_u64()?.to_string().as_bytes());
    Some(keccak256(&encode(name, symbol, &uri)))
}

/// Returns the address of the `created`-th asset (from 0) of a creator.
pub fn asset_address(l2_chain_id: u64, creator: &Address, created: u64) -> Address {
    let mut bytes = Vec::with_capacity(51);
    bytes.extend_from_slice(b"rollworks.asset");
    bytes.extend_from_slice(&l2_chain_id.to_be_bytes());
    bytes.extend_from_slice(&creator.0);
    bytes.extend_from_slice(&created.to_be_bytes());
    Address::from_word(&keccak256(&bytes))
}
