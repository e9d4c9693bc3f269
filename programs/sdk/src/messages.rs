//! Messages from L1: a hash chain, walked back from a head to where the program stands.

use crate::bytes::{Address, Hash, Reader};
use crate::oracle::{Oracle, Preimage};
use crate::u256::U256;
use alloc::vec;
use alloc::vec::Vec;

/// A message that waits, and the head of the chain once it is consumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    pub message: Hash,
    pub head: Hash,
}

/// Returns the next messages after (`cursor`, `cursor_hash`) in the chain that ends in (`target`, `target_hash`), at
/// most `bound`, oldest first. None when that chain doesn't run through the cursor.
///
/// Only the hashes that are returned are kept, however far the target is.
pub fn waiting(
    oracle: &impl Oracle,
    (cursor, cursor_hash): (u64, Hash),
    (target, target_hash): (u64, Hash),
    bound: u16,
) -> Vec<Link> {
    let count = target.saturating_sub(cursor).min(bound as u64) as usize;
    let mut links = vec![Link { message: Hash::ZERO, head: Hash::ZERO }; count];
    let mut head = target_hash;
    let mut buffer = Preimage::new();
    for index in (cursor..target).rev() {
        oracle.read(&head, &mut buffer);
        let mut words = Reader(&buffer);
        let (Some(previous), Some(message), true) = (words.hash(), words.hash(), words.is_empty()) else {
            return Vec::new();
        };
        // compared before it is cut: where an address has 32 bits, 2^32 messages further would else be these again
        if index - cursor < count as u64 {
            links[(index - cursor) as usize] = Link { message, head };
        }
        head = previous;
    }
    if head != cursor_hash {
        links.clear();
    }
    links
}

/// The parts every program's messages have.
pub struct Message<'a> {
    pub kind: u8,
    pub sender: Address,
    pub body: &'a [u8],
}

pub const KIND_DEPOSIT: u8 = 1;
pub const KIND_FORCED: u8 = 2;
pub const KIND_CALL: u8 = 3;

const VERSION: u8 = 1;

impl Message<'_> {
    /// `None` for another version or too few bytes.
    pub fn decode(bytes: &[u8]) -> Option<Message<'_>> {
        let mut reader = Reader(bytes);
        if reader.u8()? != VERSION {
            return None;
        }
        Some(Message { kind: reader.u8()?, sender: reader.address()?, body: reader.0 })
    }
}

/// The body of a deposit; the call data behind it is the program's.
pub struct Deposit<'a> {
    pub kind: u8,
    pub token: Address,
    pub id: U256,
    pub amount: U256,
    pub to: Address,
    pub fallback_to: Address,
    pub data: &'a [u8],
}

impl Deposit<'_> {
    pub fn decode(body: &[u8]) -> Option<Deposit<'_>> {
        let mut reader = Reader(body);
        let kind = reader.u8()?;
        if reader.take(11)?.iter().any(|byte| *byte != 0) {
            return None;
        }
        Some(Deposit {
            kind,
            token: reader.address()?,
            id: reader.u256()?,
            amount: reader.u256()?,
            to: reader.address()?,
            fallback_to: reader.address()?,
            data: reader.0,
        })
    }
}
