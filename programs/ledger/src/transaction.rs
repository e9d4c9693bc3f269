//! Transactions: what users ask for, and the one way to write it down.

use crate::state::Asset;
use core::str;
use rollworks_sdk::{Address, Hash, Reader, U256};

/// Longest transaction [bytes].
pub const LENGTH_LIMIT: usize = 1_024;

/// An action, one per EIP-712 struct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action<'a> {
    SendCoin {
        to: Address,
        amount: U256,
    },
    SendAsset {
        asset: Asset,
        to: Address,
        amount: U256,
    },
    CreateAsset {
        kind: u8,
        name: &'a str,
        symbol: &'a str,
        uri: &'a str,
        max_supply: u128,
        open_mint: bool,
    },
    Mint {
        token: Address,
        id: U256,
        to: Address,
        amount: u128,
    },
    MintNft {
        collection: Address,
        to: Address,
        count: u16,
    },
    SetMinter {
        token: Address,
        minter: Address,
        allowance: u128,
    },
    Burn {
        token: Address,
        id: U256,
        amount: U256,
    },
    Exit {
        asset: Asset,
        amount: U256,
        target_rollup: u64,
        to: Address,
        fallback_to: Address,
        data_hash: Hash,
    },
}

/// What a signature adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signed {
    /// The most the signer pays [wei].
    pub max_fee: U256,
    pub nonce: u64,
    pub r: Hash,
    pub s: Hash,
    pub odd: bool,
}

impl Action<'_> {
    /// Returns the fixed price [L2 gas].
    pub fn gas(&self) -> u64 {
        match self {
            Action::SendCoin { .. } => 200,
            Action::SendAsset { .. } => 300,
            Action::CreateAsset { .. } => 400,
            Action::Mint { .. } => 400,
            Action::MintNft { count, .. } => 300 + 100 * *count as u64,
            Action::SetMinter { .. } => 300,
            Action::Burn { .. } => 300,
            Action::Exit { .. } => 300,
        }
    }

    /// Returns how long its texts are together [bytes].
    pub fn text_length(&self) -> usize {
        match self {
            Action::CreateAsset { name, symbol, uri, .. } => name.len() + symbol.len() + uri.len(),
            _ => 0,
        }
    }
}

/// Reads a transaction as it stands in batch data. `None` unless the bytes are exactly one.
pub fn decode_signed(bytes: &[u8]) -> Option<(Action<'_>, Signed)> {
    if bytes.len() > LENGTH_LIMIT {
        return None;
    }
    let mut reader = Reader(bytes);
    let action = decode_action(&mut reader)?;
    let max_fee = uint(&mut reader, 32)?;
    let nonce = uint(&mut reader, 8)?.to_u64()?;
    let r = reader.hash()?;
    let mut s = reader.hash()?;
    let odd = s.0[0] >> 7 == 1;
    s.0[0] &= 0x7f;
    reader.is_empty().then_some((action, Signed { max_fee, nonce, r, s, odd }))
}

/// Reads the body of a call message. `None` unless the bytes are exactly one action.
pub fn decode_unsigned(bytes: &[u8]) -> Option<Action<'_>> {
    if bytes.len() > LENGTH_LIMIT {
        return None;
    }
    let mut reader = Reader(bytes);
    let action = decode_action(&mut reader)?;
    reader.is_empty().then_some(action)
}

fn decode_action<'a>(reader: &mut Reader<'a>) -> Option<Action<'a>> {
    Some(match reader.u8()? {
        1 => Action::SendCoin { to: reader.address()?, amount: uint(reader, 32)? },
        2 => Action::SendAsset { asset: asset(reader)?, to: reader.address()?, amount: uint(reader, 32)? },
        3 => Action::CreateAsset {
            kind: reader.u8()?,
            name: text8(reader)?,
            symbol: text8(reader)?,
            uri: text16(reader)?,
            max_supply: uint(reader, 16)?.to_u128()?,
            open_mint: boolean(reader)?,
        },
        4 => Action::Mint {
            token: reader.address()?,
            id: uint(reader, 32)?,
            to: reader.address()?,
            amount: uint(reader, 16)?.to_u128()?,
        },
        5 => Action::MintNft {
            collection: reader.address()?,
            to: reader.address()?,
            count: uint(reader, 2)?.to_u64()? as u16,
        },
        6 => Action::SetMinter {
            token: reader.address()?,
            minter: reader.address()?,
            allowance: uint(reader, 16)?.to_u128()?,
        },
        7 => Action::Burn { token: reader.address()?, id: uint(reader, 32)?, amount: uint(reader, 32)? },
        8 => Action::Exit {
            asset: asset(reader)?,
            amount: uint(reader, 32)?,
            target_rollup: uint(reader, 8)?.to_u64()?,
            to: reader.address()?,
            fallback_to: reader.address()?,
            data_hash: reader.hash()?,
        },
        _ => return None,
    })
}

fn asset(reader: &mut Reader) -> Option<Asset> {
    Some(Asset { kind: reader.u8()?, token: reader.address()?, id: uint(reader, 32)? })
}

/// Reads `length u8 ‖ bytes` without a leading zero byte.
fn uint(reader: &mut Reader, limit: usize) -> Option<U256> {
    let length = reader.u8()? as usize;
    if length > limit {
        return None;
    }
    let bytes = reader.take(length)?;
    if bytes.first() == Some(&0) {
        return None;
    }
    let mut word = [0; 32];
    word[32 - length..].copy_from_slice(bytes);
    Some(U256::from_be_bytes(&word))
}

fn boolean(reader: &mut Reader) -> Option<bool> {
    match reader.u8()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn text8<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let length = reader.u8()?;
    str::from_utf8(reader.take(length as usize)?).ok()
}

fn text16<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let length = reader.u16()?;
    str::from_utf8(reader.take(length as usize)?).ok()
}
