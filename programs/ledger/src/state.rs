//! The ledger's state: entries of the tree, and the record beside it.

use crate::work;
use rollworks_sdk::exits::Frontier;
use rollworks_sdk::tree::{Entry, Key, Layout, Path, Tree};
use rollworks_sdk::{keccak256, Address, Hash, Oracle, Output, Preimage, Reader, U256};

/// Kinds of assets, as everywhere in the protocol.
pub mod kind {
    pub const COIN: u8 = 0;
    pub const ERC20: u8 = 1;
    pub const ERC721: u8 = 2;
    pub const ERC1155: u8 = 3;
    pub const TOKEN: u8 = 5;
    pub const COLLECTION: u8 = 6;
    pub const MULTI_TOKEN: u8 = 7;

    /// Returns whether each piece is one of its kind, with one holder.
    pub fn is_nft(kind: u8) -> bool {
        kind == ERC721 || kind == COLLECTION
    }

    /// Returns whether pieces are told apart by an id.
    pub fn has_id(kind: u8) -> bool {
        is_nft(kind) || kind == ERC1155 || kind == MULTI_TOKEN
    }

    pub fn is_known(kind: u8) -> bool {
        kind <= ERC1155 || is_born(kind)
    }

    /// Returns whether assets of this kind are born on a rollup.
    pub fn is_born(kind: u8) -> bool {
        (TOKEN..=MULTI_TOKEN).contains(&kind)
    }
}

const TAG_ACCOUNT: u8 = 0;
const TAG_BALANCE: u8 = 1;
const TAG_NFT: u8 = 2;
const TAG_ASSET: u8 = 3;
const TAG_MINTER: u8 = 4;

/// First bytes of paths. What people own stands below DOMAIN_ASSETS, so that a sweep meets it first.
const DOMAIN_HOLDINGS: u8 = 0;
const DOMAIN_NFTS: u8 = 1;
const DOMAIN_ASSETS: u8 = 2;

/// What an amount is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asset {
    pub kind: u8,
    pub token: Address,
    pub id: U256,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Account {
    /// Signed transactions applied.
    pub nonce: u64,
    /// Assets created.
    pub created: u64,
    pub coins: U256,
}

/// An asset born here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Born {
    pub kind: u8,
    pub creator: Address,
    pub open_mint: bool,
    /// Minted less burned. What left for L1 is still part of it.
    pub supply: u128,
    pub max_supply: u128,
    /// Pieces of a collection ever minted: the next id.
    pub minted: u64,
    pub metadata_hash: Hash,
}

/// Something that somebody owns, as a sweep finds it.
pub enum Holding {
    Account(Address, Account),
    Balance(Address, Asset, U256),
    Nft(Address, Asset),
}

pub struct Paths;

impl Layout for Paths {
    fn path(entry: &[u8]) -> Path {
        let (tag, rest) = (entry[0], &entry[1..]);
        match tag {
            TAG_ACCOUNT => path(DOMAIN_HOLDINGS, &rest[..20], None),
            TAG_BALANCE => path(DOMAIN_HOLDINGS, &rest[..20], Some(&rest[20..73])),
            TAG_NFT => path(DOMAIN_NFTS, &rest[..21], Some(&rest[21..53])),
            TAG_ASSET => path(DOMAIN_ASSETS, &rest[..20], None),
            _ => path(DOMAIN_ASSETS, &rest[..20], Some(&rest[20..40])),
        }
    }
}

fn path(domain: u8, first: &[u8], second: Option<&[u8]>) -> Path {
    let mut top = keccak256(first);
    top.0[0] = domain;
    Path::new(&top, &second.map(keccak256).unwrap_or_default())
}

/// Returns the key of an entry whose identity is `fields`.
fn key(fields: &[&[u8]]) -> Key {
    let prefix = Entry::new(fields);
    Key { path: Paths::path(prefix.bytes()), prefix }
}

fn account_key(owner: &Address) -> Key {
    key(&[&[TAG_ACCOUNT], &owner.0])
}

fn balance_key(owner: &Address, asset: &Asset) -> Key {
    key(&[&[TAG_BALANCE], &owner.0, &[asset.kind], &asset.token.0, &asset.id.to_be_bytes()])
}

fn nft_key(asset: &Asset) -> Key {
    key(&[&[TAG_NFT, asset.kind], &asset.token.0, &asset.id.to_be_bytes()])
}

fn asset_key(token: &Address) -> Key {
    key(&[&[TAG_ASSET], &token.0])
}

fn minter_key(token: &Address, minter: &Address) -> Key {
    key(&[&[TAG_MINTER], &token.0, &minter.0])
}

/// Typed access to the tree.
pub struct State {
    pub tree: Tree<Paths>,
}

impl State {
    pub const fn new() -> State {
        State { tree: Tree::new(work::TREE) }
    }

    pub fn account(&mut self, oracle: &impl Oracle, owner: &Address) -> Account {
        let entry = self.tree.get(oracle, &account_key(owner));
        entry.and_then(|entry| decode_account(entry.bytes())).map(|(_, account)| account).unwrap_or_default()
    }

    pub fn set_account(&mut self, oracle: &impl Oracle, owner: &Address, account: &Account) {
        let key = account_key(owner);
        if *account == Account::default() {
            return self.tree.remove(oracle, &key);
        }
        let numbers: [&[u8]; 3] =
            [&account.nonce.to_be_bytes(), &account.created.to_be_bytes(), &account.coins.to_be_bytes()];
        self.tree.put(oracle, &key, Entry::new(&[key.prefix.bytes(), numbers[0], numbers[1], numbers[2]]));
    }

    /// Returns what `owner` holds of an asset: 1 or 0 for an NFT.
    pub fn balance(&mut self, oracle: &impl Oracle, owner: &Address, asset: &Asset) -> U256 {
        if asset.kind == kind::COIN {
            return self.account(oracle, owner).coins;
        }
        if kind::is_nft(asset.kind) {
            let holds = self.holder(oracle, asset) == Some(*owner);
            return if holds { U256::ONE } else { U256::ZERO };
        }
        let entry = self.tree.get(oracle, &balance_key(owner, asset));
        entry.and_then(|entry| decode_balance(entry.bytes())).map(|(_, _, amount)| amount).unwrap_or_default()
    }

    /// Sets the balance of a fungible asset or multi-token.
    pub fn set_balance(&mut self, oracle: &impl Oracle, owner: &Address, asset: &Asset, amount: &U256) {
        let key = balance_key(owner, asset);
        if amount.is_zero() {
            return self.tree.remove(oracle, &key);
        }
        self.tree.put(oracle, &key, Entry::new(&[key.prefix.bytes(), &amount.to_be_bytes()]));
    }

    pub fn holder(&mut self, oracle: &impl Oracle, asset: &Asset) -> Option<Address> {
        let entry = self.tree.get(oracle, &nft_key(asset))?;
        decode_nft(entry.bytes()).map(|(holder, _)| holder)
    }

    pub fn set_holder(&mut self, oracle: &impl Oracle, asset: &Asset, holder: Option<&Address>) {
        let key = nft_key(asset);
        match holder {
            Some(holder) => self.tree.put(oracle, &key, Entry::new(&[key.prefix.bytes(), &holder.0])),
            None => self.tree.remove(oracle, &key),
        }
    }

    pub fn born(&mut self, oracle: &impl Oracle, token: &Address) -> Option<Born> {
        let entry = self.tree.get(oracle, &asset_key(token))?;
        decode_born(entry.bytes())
    }

    pub fn set_born(&mut self, oracle: &impl Oracle, token: &Address, born: &Born) {
        let key = asset_key(token);
        let entry = Entry::new(&[
            key.prefix.bytes(),
            &[born.kind],
            &born.creator.0,
            &[born.open_mint as u8],
            &born.supply.to_be_bytes(),
            &born.max_supply.to_be_bytes(),
            &born.minted.to_be_bytes(),
            &born.metadata_hash.0,
        ]);
        self.tree.put(oracle, &key, entry);
    }

    pub fn allowance(&mut self, oracle: &impl Oracle, token: &Address, minter: &Address) -> u128 {
        let entry = self.tree.get(oracle, &minter_key(token, minter));
        entry.and_then(|entry| decode_allowance(entry.bytes())).unwrap_or_default()
    }

    pub fn set_allowance(
        &mut self,
        oracle: &impl Oracle,
        token: &Address,
        minter: &Address,
        allowance: u128,
    ) {
        let key = minter_key(token, minter);
        if allowance == 0 {
            return self.tree.remove(oracle, &key);
        }
        self.tree.put(oracle, &key, Entry::new(&[key.prefix.bytes(), &allowance.to_be_bytes()]));
    }

    /// Adds to a balance, or hands over an NFT. Can't fail: a balance saturates.
    pub fn credit(&mut self, oracle: &impl Oracle, owner: &Address, asset: &Asset, amount: &U256) {
        if kind::is_nft(asset.kind) {
            self.set_holder(oracle, asset, Some(owner));
        } else if asset.kind == kind::COIN {
            let mut account = self.account(oracle, owner);
            account.coins = account.coins.saturating_add(amount);
            self.set_account(oracle, owner, &account);
        } else {
            let balance = self.balance(oracle, owner, asset).saturating_add(amount);
            self.set_balance(oracle, owner, asset, &balance);
        }
    }

    /// Takes out the first thing that somebody owns, in path order.
    pub fn take_first_holding(&mut self, oracle: &impl Oracle) -> Option<Holding> {
        let entry = self.tree.take_first(oracle, |entry| entry.bytes()[0] <= TAG_NFT)?;
        let bytes = entry.bytes();
        match bytes[0] {
            TAG_ACCOUNT => decode_account(bytes).map(|(owner, account)| Holding::Account(owner, account)),
            TAG_BALANCE => {
                decode_balance(bytes).map(|(owner, asset, amount)| Holding::Balance(owner, asset, amount))
            }
            TAG_NFT => decode_nft(bytes).map(|(holder, asset)| Holding::Nft(holder, asset)),
            _ => None,
        }
    }
}

fn decode_account(entry: &[u8]) -> Option<(Address, Account)> {
    let mut reader = Reader(&entry[1..]);
    let owner = reader.address()?;
    Some((owner, Account { nonce: reader.u64()?, created: reader.u64()?, coins: reader.u256()? }))
}

fn decode_balance(entry: &[u8]) -> Option<(Address, Asset, U256)> {
    let mut reader = Reader(&entry[1..]);
    let owner = reader.address()?;
    let asset = Asset { kind: reader.u8()?, token: reader.address()?, id: reader.u256()? };
    Some((owner, asset, reader.u256()?))
}

fn decode_nft(entry: &[u8]) -> Option<(Address, Asset)> {
    let mut reader = Reader(&entry[1..]);
    let asset = Asset { kind: reader.u8()?, token: reader.address()?, id: reader.u256()? };
    Some((reader.address()?, asset))
}

fn decode_born(entry: &[u8]) -> Option<Born> {
    let mut reader = Reader(&entry[21..]);
    Some(Born {
        kind: reader.u8()?,
        creator: reader.address()?,
        open_mint: reader.u8()? & 1 == 1,
        supply: reader.u128()?,
        max_supply: reader.u128()?,
        minted: reader.u64()?,
        metadata_hash: reader.hash()?,
    })
}

fn decode_allowance(entry: &[u8]) -> Option<u128> {
    Reader(&entry[41..]).u128()
}

const RECORD_VERSION: u8 = 1;

/// What a rollup remembers besides what people own.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Record {
    /// Messages consumed, and the head of their chain.
    pub message_index: u64,
    pub message_hash: Hash,
    pub exits: Frontier,
}

impl Record {
    fn encode(&self) -> alloc::vec::Vec<u8> {
        let mut bytes = alloc::vec::Vec::with_capacity(49 + 32 * 64);
        bytes.push(RECORD_VERSION);
        bytes.extend_from_slice(&self.message_index.to_be_bytes());
        bytes.extend_from_slice(&self.message_hash.0);
        self.exits.encode(&mut bytes);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Record> {
        let mut reader = Reader(bytes);
        if reader.u8()? != RECORD_VERSION {
            return None;
        }
        let record = Record {
            message_index: reader.u64()?,
            message_hash: reader.hash()?,
            exits: Frontier::decode(&mut reader)?,
        };
        reader.is_empty().then_some(record)
    }

    /// Publishes the record and the state root's preimage, and returns the state root.
    pub fn publish(&self, oracle: &impl Oracle, tree_root: &Hash) -> Hash {
        let record = self.encode();
        oracle.publish(Output::Preimage, &record);
        let mut words = [0; 64];
        words[..32].copy_from_slice(&tree_root.0);
        words[32..].copy_from_slice(&keccak256(&record).0);
        oracle.publish(Output::Preimage, &words);
        keccak256(&words)
    }

    /// Reads the tree's root and the record behind a state root.
    pub fn read(oracle: &impl Oracle, state_root: &Hash) -> Option<(Hash, Record)> {
        let mut buffer = Preimage::new();
        oracle.read(state_root, &mut buffer);
        let mut words = Reader(&buffer);
        let (tree_root, record) = (words.hash()?, words.hash()?);
        oracle.read(&record, &mut buffer);
        Some((tree_root, Record::decode(&buffer)?))
    }
}
