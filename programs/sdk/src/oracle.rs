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

/// Returns `address u16 ‖ gas u32 ‖ input`, whose hash is the key of a precompile read.
pub fn precompile_key(address: u16, gas: u32, input: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(6 + input.len());
    key.extend_from_slice(&address.to_be_bytes());
    key.extend_from_slice(&gas.to_be_bytes());
    key.extend_from_slice(input);
    key
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
