//! Writers of what the program only reads.

use ledger::state::Asset;
use ledger::transaction::Action;
use rollworks_sdk::{Address, Hash, U256};

pub fn uint(number: &U256) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut out = vec![(32 - zeros) as u8];
    out.extend_from_slice(&bytes[zeros..]);
    out
}

fn asset(out: &mut Vec<u8>, asset: &Asset) {
    out.push(asset.kind);
    out.extend(asset.token.0);
    out.extend(uint(&asset.id));
}

pub fn action(action: &Action) -> Vec<u8> {
    let mut out = Vec::new();
    match action {
        Action::SendCoin { to, amount } => {
            out.push(1);
            out.extend(to.0);
            out.extend(uint(amount));
        }
        Action::SendAsset { asset: what, to, amount } => {
            out.push(2);
            asset(&mut out, what);
            out.extend(to.0);
            out.extend(uint(amount));
        }
        Action::CreateAsset { kind, name, symbol, uri, max_supply, open_mint } => {
            out.extend([3, *kind, name.len() as u8]);
            out.extend(name.as_bytes());
            out.push(symbol.len() as u8);
            out.extend(symbol.as_bytes());
            out.extend((uri.len() as u16).to_be_bytes());
            out.extend(uri.as_bytes());
            out.extend(uint(&U256::from(*max_supply)));
            out.push(*open_mint as u8);
        }
        Action::Mint { token, id, to, amount } => {
            out.push(4);
            out.extend(token.0);
            out.extend(uint(id));
            out.extend(to.0);
            out.extend(uint(&U256::from(*amount)));
        }
        Action::MintNft { collection, to, count } => {
            out.push(5);
            out.extend(collection.0);
            out.extend(to.0);
            out.extend(uint(&U256::from(*count as u128)));
        }
        Action::SetMinter { token, minter, allowance } => {
            out.push(6);
            out.extend(token.0);
            out.extend(minter.0);
            out.extend(uint(&U256::from(*allowance)));
        }
        Action::Burn { token, id, amount } => {
            out.push(7);
            out.extend(token.0);
            out.extend(uint(id));
            out.extend(uint(amount));
        }
        Action::Exit { asset: what, amount, target_rollup, to, fallback_to, data_hash } => {
            out.push(8);
            asset(&mut out, what);
            out.extend(uint(amount));
            out.extend(uint(&U256::from(*target_rollup as u128)));
            out.extend(to.0);
            out.extend(fallback_to.0);
            out.extend(data_hash.0);
        }
    }
    out
}

pub fn block(timestamp: u64, transactions: &[Vec<u8>]) -> Vec<u8> {
    let mut out = timestamp.to_be_bytes().to_vec();
    out.extend((transactions.len() as u16).to_be_bytes());
    for transaction in transactions {
        out.extend((transaction.len() as u16).to_be_bytes());
        out.extend(transaction);
    }
    out
}

pub fn message(kind: u8, sender: &Address, body: &[u8]) -> Vec<u8> {
    let mut out = vec![1, kind];
    out.extend(sender.0);
    out.extend(body);
    out
}

pub fn deposit(asset: &Asset, amount: &U256, to: &Address) -> Vec<u8> {
    let mut body = vec![asset.kind];
    body.extend([0; 11]);
    body.extend(asset.token.0);
    body.extend(asset.id.to_be_bytes());
    body.extend(amount.to_be_bytes());
    body.extend(to.0);
    body.extend(to.0);
    message(1, to, &body)
}

/// The fields of a header that the program reads; the others hold a pattern.
pub struct HeaderFields {
    pub flags: u8,
    pub index: u64,
    pub target: u64,
    pub data_commitment: Hash,
    pub target_hash: Hash,
    pub timestamp: u64,
}

pub fn header(fields: &HeaderFields) -> Vec<u8> {
    let mut out = vec![0xda; 20];
    out.extend([0, fields.flags, 0, 1]);
    out.extend(fields.index.to_be_bytes());
    out.extend([0x50; 20]);
    out.extend([0; 4]);
    out.extend(fields.target.to_be_bytes());
    out.extend(fields.data_commitment.0);
    out.extend(fields.target_hash.0);
    out.extend([0x11; 32]);
    out.extend([0; 16]);
    out.extend(100u64.to_be_bytes());
    out.extend(fields.timestamp.to_be_bytes());
    assert_eq!(out.len(), 192);
    out
}

pub fn config(config: &rollworks_sdk::input::Config) -> Vec<u8> {
    let mut out = vec![0xc0; 32];
    out.extend(config.l2_chain_id.to_be_bytes());
    out.extend(config.batch_gas.to_be_bytes());
    out.extend(config.message_gas.to_be_bytes());
    out.extend(config.message_bound.to_be_bytes());
    out.extend([config.log2_steps, 0, 1, 1, 0, 1, 0, 0, 0, 0]);
    out.extend([0xda; 20]);
    out.extend([0; 44]);
    out.extend(config.fee_recipient.0);
    out.extend(&config.gas_price.to_be_bytes()[4..]);
    out.extend([0; 32]);
    assert_eq!(out.len(), 192);
    out
}
