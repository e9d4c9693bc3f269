//! The one door through which a program sees the world.

use crate::bytes::Hash;
use alloc::vec::Vec;
use core::ops::Deref;

/// No preimage is longer [bytes]: a step's witness carries it whole.
pub const PREIMAGE_LIMIT: usize = 24 * 1024;

/// Where a program reads. Every read is a pure function of its key, so all hosts give the same answer or none.
pub trait Oracle {
    /// Fills `out` with the preimage of a keccak256 hash. Doesn't return when there is none: a missing preimage must
    /// never read as absence.
    fn read(&self, hash: &Hash, out: &mut Preimage);

    /// Returns what an EVM precompile returns for `input` with exactly `gas`, or `None` when it fails.
    ///
    /// Offer ten times Ethereum's price: whether the call fails for want of gas is the settlement chain's to say, and a host that isn't that
    /// chain can't know it where prices part. Panics outside the machine's limits ([`precompile_key`]).
    fn precompile(&self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>>;

    /// Hands out what the host should keep. A dispute has no use for it, so there it does nothing.
    fn publish(&self, kind: Output, bytes: &[u8]);
}

/// What a published entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Output {
    /// The preimage of a keccak256 hash that later runs may read.
    Preimage = 0,
    /// `index u64 ‖ leaf`: an exit appended to the tree.
    Exit = 1,
    /// `address u16 ‖ gas u32 ‖ input`: what the key of a precompile read is the hash of.
    PrecompileKey = 2,
}

/// The precompiles of the machine: ecrecover, sha256, ripemd160, identity, modexp.
const PRECOMPILES: core::ops::RangeInclusive<u16> = 1..=MODEXP;
const MODEXP: u16 = 5;
const PRECOMPILE_GAS_LIMIT: u32 = 3_000_000;
const PRECOMPILE_INPUT_LIMIT: usize = 4 * 1024;
const MODEXP_OPERAND_LIMIT: u16 = 1024;
/// The most a precompile returns [bytes]: identity of the longest input.
pub const PRECOMPILE_OUTPUT_LIMIT: usize = PRECOMPILE_INPUT_LIMIT;

/// Returns `address u16 ‖ gas u32 ‖ input`, whose hash is the key of a precompile read.
///
/// Panics where the machine would halt on an error (`docs/encodings/machine.md`, errors, 7), so that a program ends alike wherever it runs.
pub fn precompile_key(address: u16, gas: u32, input: &[u8]) -> Vec<u8> {
    assert!(PRECOMPILES.contains(&address), "no precompile of the machine");
    assert!(gas <= PRECOMPILE_GAS_LIMIT, "more gas than a step may offer");
    assert!(input.len() <= PRECOMPILE_INPUT_LIMIT, "input longer than a step may carry");
    assert!(address != MODEXP || operands_fit(input), "an operand of modexp that is too long");
    let mut key = Vec::with_capacity(6 + input.len());
    key.extend_from_slice(&address.to_be_bytes());
    key.extend_from_slice(&gas.to_be_bytes());
    key.extend_from_slice(input);
    key
}

/// Whether the three lengths at the head of modexp's input, zero-padded, are within the limit.
fn operands_fit(input: &[u8]) -> bool {
    (0..3).all(|index| {
        let mut length = [0; 32];
        let rest = input.get(32 * index..).unwrap_or_default();
        let present = rest.len().min(32);
        length[..present].copy_from_slice(&rest[..present]);
        let (high, low) = length.split_at(30);
        high.iter().all(|byte| *byte == 0) && u16::from_be_bytes([low[0], low[1]]) <= MODEXP_OPERAND_LIMIT
    })
}

/// One aligned destination of a read.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct Word(pub [u8; 32]);

/// A reusable buffer for preimages, aligned as reads demand.
#[derive(Default)]
pub struct Preimage {
    words: Vec<Word>,
    length: usize,
}

impl Preimage {
    pub const fn new() -> Preimage {
        Preimage { words: Vec::new(), length: 0 }
    }

    /// Makes room for `length` bytes and returns the words that will hold them.
    pub fn resize(&mut self, length: usize) -> &mut [Word] {
        let count = length.div_ceil(32);
        if self.words.len() < count {
            self.words.resize(count, Word([0; 32]));
        }
        self.length = length;
        &mut self.words[..count]
    }

    /// Replaces the content by a copy of `bytes`.
    pub fn fill(&mut self, bytes: &[u8]) {
        for (word, chunk) in self.resize(bytes.len()).iter_mut().zip(bytes.chunks(32)) {
            word.0[..chunk.len()].copy_from_slice(chunk);
        }
    }
}

impl Deref for Preimage {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: words are plain bytes without padding, and resize made at least `length` of them
        unsafe { core::slice::from_raw_parts(self.words.as_ptr().cast(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::panic::catch_unwind;

    fn is_refused(address: u16, gas: u32, input: &[u8]) -> bool {
        let input = input.to_vec();
        catch_unwind(move || precompile_key(address, gas, &input)).is_err()
    }

    fn lengths(base: u64, exponent: u64, modulus: u64) -> Vec<u8> {
        [base, exponent, modulus].iter().flat_map(|length| Hash::from_u64(*length).0).collect()
    }

    #[test]
    fn calls_the_machine_would_halt_on_are_refused() {
        for address in [0, 6, 9, 10, 0x0102, u16::MAX] {
            assert!(is_refused(address, 1_000, b"a"), "{address}");
        }
        assert!(is_refused(2, 3_000_001, b"a"));
        assert!(is_refused(2, 100_000, &[0; 4_097]));
        for operands in [lengths(1_025, 1, 1), lengths(1, 1_025, 1), lengths(1, 1, 1_025)] {
            assert!(is_refused(5, 100_000, &operands));
        }
        // zero-padded: a cut length is a long one
        assert!(is_refused(5, 100_000, &[4]));
        assert!(is_refused(
            5,
            100_000,
            &lengths(1, 4, 0)[..32].iter().copied().chain([1]).collect::<Vec<_>>()
        ));
    }

    #[test]
    fn calls_at_the_limits_are_named() {
        for address in PRECOMPILES {
            assert_eq!(precompile_key(address, 3_000_000, &[0; 4_096]).len(), 6 + 4_096);
        }
        assert_eq!(precompile_key(2, 0x0102_0304 & 0xf_ffff, b"ab"), *b"\x00\x02\x00\x02\x03\x04ab");
        precompile_key(5, 3_000_000, &lengths(1_024, 1_024, 1_024));
        precompile_key(5, 0, &[]);
    }
}
