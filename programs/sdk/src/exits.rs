//! The append-only tree of exits, in the shape of RFC 6962, and its leaf.

use crate::bytes::{Address, Hash, Reader};
use crate::keccak::keccak256;
use crate::u256::U256;
use alloc::vec::Vec;

const VERSION: u8 = 1;
pub const FLAG_SWEEP: u8 = 2;

/// What leaves a rollup: 256 bytes, eight words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExitLeaf {
    pub flags: u8,
    pub kind: u8,
    pub target_rollup: u64,
    pub token: Address,
    pub id: U256,
    pub amount: U256,
    pub sender: Address,
    pub to: Address,
    pub fallback_to: Address,
    pub metadata_hash: Hash,
    pub data_hash: Hash,
}

impl ExitLeaf {
    pub fn encode(&self) -> [u8; 256] {
        let mut leaf = [0; 256];
        leaf[0] = VERSION;
        leaf[1] = self.flags;
        leaf[2] = self.kind;
        leaf[4..12].copy_from_slice(&self.target_rollup.to_be_bytes());
        leaf[12..32].copy_from_slice(&self.token.0);
        leaf[32..64].copy_from_slice(&self.id.to_be_bytes());
        leaf[64..96].copy_from_slice(&self.amount.to_be_bytes());
        leaf[108..128].copy_from_slice(&self.sender.0);
        leaf[140..160].copy_from_slice(&self.to.0);
        leaf[172..192].copy_from_slice(&self.fallback_to.0);
        leaf[192..224].copy_from_slice(&self.metadata_hash.0);
        leaf[224..256].copy_from_slice(&self.data_hash.0);
        leaf
    }
}

/// Returns `keccak256(0x00 ‖ leaf)`.
pub fn leaf_hash(leaf: &[u8; 256]) -> Hash {
    let mut bytes = [0; 257];
    bytes[1..].copy_from_slice(leaf);
    keccak256(&bytes)
}

/// Returns `keccak256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    keccak256(&bytes)
}

/// What appending needs of the tree: the roots of its complete subtrees, one per set bit of the count, largest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Frontier {
    count: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Appends a leaf's hash and returns its index.
    pub fn append(&mut self, leaf: Hash) -> u64 {
        let mut node = leaf;
        for _ in 0..self.count.trailing_ones() {
            let left = self.roots.pop().unwrap_or_default();
            node = node_hash(&left, &node);
        }
        self.roots.push(node);
        self.count += 1;
        self.count - 1
    }

    /// Returns `keccak256(0x02 ‖ count u64 ‖ root)`; the root of no leaf is zero.
    pub fn exit_root(&self) -> Hash {
        let root = self
            .roots
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_default();
        let mut bytes = [2; 41];
        bytes[1..9].copy_from_slice(&self.count.to_be_bytes());
        bytes[9..].copy_from_slice(&root.0);
        keccak256(&bytes)
    }

    /// Writes `count u64 ‖ roots`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.count.to_be_bytes());
        for root in &self.roots {
            out.extend_from_slice(&root.0);
        }
    }

    /// Reads what `encode` wrote.
    pub fn decode(reader: &mut Reader) -> Option<Frontier> {
        let count = reader.u64()?;
        let roots = (0..count.count_ones()).map(|_| reader.hash()).collect::<Option<Vec<Hash>>>()?;
        Some(Frontier { count, roots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, section 2.1.
    fn tree_hash(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Hash::ZERO,
            1 => leaves[0],
            n => {
                let split = n.next_power_of_two() / 2;
                node_hash(&tree_hash(&leaves[..split]), &tree_hash(&leaves[split..]))
            }
        }
    }

    #[test]
    fn frontier_has_the_shape_of_rfc_6962() {
        let leaves: Vec<Hash> = (0..200).map(|i| keccak256(&[i])).collect();
        let mut frontier = Frontier::default();
        for n in 0..=leaves.len() {
            let mut bytes = [2; 41];
            bytes[1..9].copy_from_slice(&(n as u64).to_be_bytes());
            bytes[9..].copy_from_slice(&tree_hash(&leaves[..n]).0);
            assert_eq!(frontier.exit_root(), keccak256(&bytes), "{n} leaves");
            let mut encoded = Vec::new();
            frontier.encode(&mut encoded);
            assert_eq!(Frontier::decode(&mut Reader(&encoded)), Some(frontier.clone()));
            if n < leaves.len() {
                assert_eq!(frontier.append(leaves[n]), n as u64);
            }
        }
    }
}
