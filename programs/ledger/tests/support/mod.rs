//! What the tests of the ledger stand on: a host in memory, wallets, and a rollup whose batches are run both ways.
#![allow(dead_code)]

pub mod encode;
pub mod host;
pub mod json;
pub mod rollup;
pub mod scene;
pub mod walk;
pub mod wallet;

pub use encode::*;
pub use host::Host;
pub use rollup::Rollup;
pub use wallet::Wallet;

use rollworks_sdk::{Address, U256};

/// A small deterministic generator (splitmix64): a seed is all that repeats a run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

pub fn u(number: u128) -> U256 {
    U256::from(number)
}

pub fn address(byte: u8) -> Address {
    Address([byte; 20])
}
