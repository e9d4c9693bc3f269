//! Hashes, addresses, and a reader of big-endian fields that never fails half way.

use crate::u256::U256;

/// 32 bytes, aligned so that they load as four machine words.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[repr(C, align(8))]
pub struct Hash(pub [u8; 32]);

impl Hash {
    pub const ZERO: Hash = Hash([0; 32]);

    /// Returns the word that holds `number`, big-endian.
    pub fn from_u64(number: u64) -> Hash {
        let mut word = Hash::ZERO;
        word.0[24..].copy_from_slice(&number.to_be_bytes());
        word
    }

    /// Returns the word that holds `address`, right-aligned.
    pub fn from_address(address: &Address) -> Hash {
        let mut word = Hash::ZERO;
        word.0[12..].copy_from_slice(&address.0);
        word
    }
}

/// An account or token, 20 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Address(pub [u8; 20]);

impl Address {
    pub const ZERO: Address = Address([0; 20]);

    /// Returns the last 20 bytes of a word.
    pub fn from_word(word: &Hash) -> Address {
        let mut address = Address::ZERO;
        address.0.copy_from_slice(&word.0[12..]);
        address
    }
}

/// Reads fields from the front of a slice. `None` when too few bytes are left.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        if length > self.0.len() {
            return None;
        }
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Some(bytes)
    }

    pub fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.array()?))
    }

    pub fn u128(&mut self) -> Option<u128> {
        Some(u128::from_be_bytes(self.array()?))
    }

    pub fn u256(&mut self) -> Option<U256> {
        Some(U256::from_be_bytes(&self.array()?))
    }

    pub fn hash(&mut self) -> Option<Hash> {
        Some(Hash(self.array()?))
    }

    pub fn address(&mut self) -> Option<Address> {
        Some(Address(self.array()?))
    }

    /// Returns whether all bytes were read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns the bytes that `text` spells in hexadecimal. For constants: a wrong digit or length doesn't compile.
pub const fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits = text.as_bytes();
    assert!(digits.len() == 2 * N, "length of a hexadecimal constant");
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]);
        i += 1;
    }
    bytes
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => panic!("not a hexadecimal digit"),
    }
}
