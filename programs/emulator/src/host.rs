//! What the machine asks of the outside world: preimages, precompiles, blob words.

use crate::keccak::Hash;

/// Longest preimage that READ may ask for; a longer one has no witness.
pub const LONGEST_PREIMAGE: usize = 24_576;

/// A word of a blob with its opening, as the step's witness carries it: `y ‖ commitment ‖ proof`.
pub type BlobWord = [u8; 128];

pub trait Host {
    /// Returns the bytes whose keccak256 is `key`, or None if the host doesn't know them. `kind` is 0 or 2.
    fn preimage(&mut self, kind: u64, key: &Hash) -> Option<Vec<u8>>;
    /// Returns what the precompile answers for exactly this gas: None when the call fails.
    fn precompile(&mut self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>>;
    /// Returns a word of the blob with this versioned hash, or None if the host doesn't have the blob.
    fn blob_word(&mut self, versioned_hash: &Hash, index: u64) -> Option<BlobWord>;
}
