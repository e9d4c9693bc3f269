//! The whole state, read from preimages alone: a second opinion on the tree.

use super::Host;
use ledger::state::{kind, Asset, Paths};
use rollworks_sdk::tree::Layout;
use rollworks_sdk::{Address, Hash, Reader, U256};
use std::collections::BTreeMap;

pub type Key = (u8, [u8; 20], [u8; 32]);

pub fn key(asset: &Asset) -> Key {
    (asset.kind, asset.token.0, asset.id.to_be_bytes())
}

/// Returns every entry below a state root, in path order, checking the tree's shape on the way.
pub fn entries(host: &Host, state_root: &Hash) -> Vec<Vec<u8>> {
    let words = host.preimage(state_root);
    let mut root = Hash::ZERO;
    root.0.copy_from_slice(&words[..32]);
    let mut found = Vec::new();
    if root != Hash::ZERO {
        descend(host, &root, -1, &mut found);
    }
    found
}

fn descend(host: &Host, hash: &Hash, above: i32, found: &mut Vec<Vec<u8>>) {
    let bytes = host.preimage(hash);
    if bytes[0] == 0 {
        found.push(bytes[1..].to_vec());
        return;
    }
    assert_eq!((bytes[0], bytes.len()), (1, 67));
    let mut reader = Reader(&bytes[1..]);
    let bit = reader.u16().unwrap() as i32;
    assert!(bit > above && bit < 512, "bits grow downwards");
    let (left, right) = (reader.hash().unwrap(), reader.hash().unwrap());
    let start = found.len();
    descend(host, &left, bit, found);
    let middle = found.len();
    descend(host, &right, bit, found);
    // everything on the left has a 0 at this bit, on the right a 1, and all agree before it
    let first = path_bits(&found[start]);
    for (i, entry) in found[start..].iter().enumerate() {
        let path = path_bits(entry);
        assert_eq!(path[..bit as usize], first[..bit as usize]);
        assert_eq!(path[bit as usize], start + i >= middle);
    }
}

pub fn path_bits(entry: &[u8]) -> Vec<bool> {
    // paths have no public bits: read them off the debug print of their words
    let text = format!("{:?}", Paths::path(entry));
    text.trim_start_matches("Path([")
        .trim_end_matches("])")
        .split(", ")
        .flat_map(|word| {
            let word: u64 = word.parse().unwrap();
            (0..64).map(move |i| word >> (63 - i) & 1 == 1)
        })
        .collect()
}

/// Returns how much of each asset is owned by anybody.
pub fn totals(host: &Host, state_root: &Hash) -> BTreeMap<Key, U256> {
    let mut sums = BTreeMap::new();
    for (_, asset, amount) in holdings(host, state_root) {
        let sum: &mut U256 = sums.entry(key(&asset)).or_default();
        *sum = sum.checked_add(&amount).expect("no total overflows");
    }
    sums
}

/// Returns everything that anybody owns.
pub fn holdings(host: &Host, state_root: &Hash) -> Vec<(Address, Asset, U256)> {
    let mut found = Vec::new();
    for entry in entries(host, state_root) {
        let mut reader = Reader(&entry[1..]);
        match entry[0] {
            0 => {
                let owner = reader.address().unwrap();
                reader.take(16);
                let coins = reader.u256().unwrap();
                if !coins.is_zero() {
                    let coin = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
                    found.push((owner, coin, coins));
                }
            }
            1 => {
                let owner = reader.address().unwrap();
                let asset = asset(&mut reader);
                found.push((owner, asset, reader.u256().unwrap()));
            }
            2 => {
                let asset = asset(&mut reader);
                found.push((reader.address().unwrap(), asset, U256::ONE));
            }
            _ => {}
        }
    }
    found
}

fn asset(reader: &mut Reader) -> Asset {
    Asset { kind: reader.u8().unwrap(), token: reader.address().unwrap(), id: reader.u256().unwrap() }
}
