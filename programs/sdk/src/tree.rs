//! A sparse binary keccak tree over 512-bit paths, compact: only places where entries part are nodes.
//!
//! Nodes live in an arena and are fetched by hash when a path runs through them. Once hashed, a node never changes:
//! a change copies the path above it, so earlier roots stay usable and dropping speculative work costs nothing.
//! Hashing waits for [`Tree::root`], once per block. The layout is drawn in `docs/encodings/ledger.md`.

use crate::bytes::Hash;
use crate::keccak::keccak256;
use crate::oracle::{Oracle, Output, Preimage};
use alloc::vec::Vec;

const PATH_BITS: u16 = 512;
const LEAF: u8 = 0;
const INNER: u8 = 1;
const INNER_LENGTH: usize = 67;
const NONE: u32 = u32::MAX;

/// Where an entry stands: eight words, the most significant bit of the first decides at the top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Path([u64; 8]);

impl Path {
    pub fn new(first: &Hash, second: &Hash) -> Path {
        let mut words = [0; 8];
        for (word, chunk) in words.iter_mut().zip(first.0.chunks_exact(8).chain(second.0.chunks_exact(8))) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(chunk);
            *word = u64::from_be_bytes(bytes);
        }
        Path(words)
    }

    fn goes_right(&self, bit: u16) -> bool {
        self.0[bit as usize / 64] >> (63 - bit % 64) & 1 == 1
    }

    /// Returns the first bit at which two paths differ, PATH_BITS if none.
    fn parting(&self, other: &Path) -> u16 {
        for (i, (a, b)) in self.0.iter().zip(other.0.iter()).enumerate() {
            if a != b {
                return 64 * i as u16 + (a ^ b).leading_zeros() as u16;
            }
        }
        PATH_BITS
    }

    pub fn first_byte(&self) -> u8 {
        (self.0[0] >> 56) as u8
    }
}

/// Longest entry [bytes]: with its prefix it still hashes in one permutation.
pub const ENTRY_LIMIT: usize = 127;

/// The bytes of a leaf, without its prefix.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    length: u8,
    bytes: [u8; ENTRY_LIMIT],
}

impl Entry {
    /// Joins fields; together they must fit.
    pub fn new(fields: &[&[u8]]) -> Entry {
        let mut entry = Entry { length: 0, bytes: [0; ENTRY_LIMIT] };
        for field in fields {
            let start = entry.length as usize;
            entry.bytes[start..start + field.len()].copy_from_slice(field);
            entry.length += field.len() as u8;
        }
        entry
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length as usize]
    }
}

/// What an entry is found by: its path, and the bytes it begins with.
#[derive(Clone, Copy)]
pub struct Key {
    pub path: Path,
    pub prefix: Entry,
}

/// What a program decides about its tree.
pub trait Layout {
    /// Returns where the entry with these bytes stands.
    fn path(entry: &[u8]) -> Path;
}

/// What tree work costs [machine steps], for a program that meters its run. Counts depend on the operations alone, never
/// on what happens to be in memory.
#[derive(Clone, Copy)]
pub struct Costs {
    /// A node passed: fetched and decoded, if it wasn't there.
    pub visit: u64,
    /// A node made: written, later hashed.
    pub change: u64,
}

#[derive(Clone, Copy)]
enum Body {
    Unread,
    Leaf(u32),
    Inner { bit: u16, left: u32, right: u32 },
}

#[derive(Clone, Copy)]
struct Node {
    /// Known only once `hashed`.
    hash: Hash,
    hashed: bool,
    body: Body,
}

/// Where a node hangs.
#[derive(Clone, Copy)]
enum Link {
    Root,
    Left(u32),
    Right(u32),
}

pub struct Tree<L: Layout> {
    nodes: Vec<Node>,
    leaves: Vec<Entry>,
    root: u32,
    /// Roots that the arena still holds, oldest first.
    known: Vec<(Hash, u32)>,
    costs: Costs,
    work: u64,
    buffer: Preimage,
    layout: core::marker::PhantomData<L>,
}

/// Roots remembered at most.
const KNOWN_LIMIT: usize = 256;

impl<L: Layout> Tree<L> {
    pub const fn new(costs: Costs) -> Tree<L> {
        Tree {
            nodes: Vec::new(),
            leaves: Vec::new(),
            root: NONE,
            known: Vec::new(),
            costs,
            work: 0,
            buffer: Preimage::new(),
            layout: core::marker::PhantomData,
        }
    }

    /// Goes to the tree with this root, dropping changes that weren't hashed.
    pub fn open(&mut self, root: &Hash) {
        self.root = if *root == Hash::ZERO {
            NONE
        } else if let Some((_, index)) = self.known.iter().rev().find(|(hash, _)| hash == root) {
            *index
        } else {
            let index = self.push(Node { hash: *root, hashed: true, body: Body::Unread });
            self.remember(*root, index);
            index
        };
    }

    /// Forgets every node when there are more than `limit`; they are fetched again when needed.
    pub fn trim(&mut self, limit: usize) {
        if self.nodes.len() > limit {
            self.nodes = Vec::new();
            self.leaves = Vec::new();
            self.known.clear();
            self.root = NONE;
        }
    }

    /// Returns the steps that the operations so far may have cost.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Adds steps of work outside the tree to the meter.
    pub fn charge(&mut self, steps: u64) {
        self.work += steps;
    }

    /// Sets the meter: to zero for a new run, or back to where a run stood.
    pub fn set_work(&mut self, work: u64) {
        self.work = work;
    }

    /// Returns the entry of a key.
    pub fn get(&mut self, oracle: &impl Oracle, key: &Key) -> Option<Entry> {
        let leaf = self.nearest(oracle, &key.path)?;
        self.matching(leaf, key)
    }

    /// Sets the entry of a key.
    pub fn put(&mut self, oracle: &impl Oracle, key: &Key, entry: Entry) {
        let parting = match self.nearest(oracle, &key.path) {
            None => {
                self.root = self.leaf(entry);
                return;
            }
            Some(leaf) if self.matching(leaf, key).is_some() => PATH_BITS,
            Some(leaf) => L::path(self.leaves[leaf as usize].bytes()).parting(&key.path),
        };
        let mut link = Link::Root;
        loop {
            let index = self.read(oracle, self.at(link));
            match self.nodes[index as usize].body {
                Body::Inner { bit, .. } if bit < parting => {
                    let owned = self.own(index);
                    self.hang(link, owned);
                    link = if key.path.goes_right(bit) { Link::Right(owned) } else { Link::Left(owned) };
                }
                _ => {
                    let leaf = self.leaf(entry);
                    let replacement = if parting == PATH_BITS {
                        leaf
                    } else {
                        let (left, right) =
                            if key.path.goes_right(parting) { (index, leaf) } else { (leaf, index) };
                        self.make(Body::Inner { bit: parting, left, right })
                    };
                    self.hang(link, replacement);
                    return;
                }
            }
        }
    }

    /// Takes the entry of a key out, if there is one.
    pub fn remove(&mut self, oracle: &impl Oracle, key: &Key) {
        match self.nearest(oracle, &key.path) {
            Some(leaf) if self.matching(leaf, key).is_some() => {}
            _ => return,
        }
        self.unhang(oracle, &key.path);
    }

    /// Takes out the leaf that the path leads to.
    fn unhang(&mut self, oracle: &impl Oracle, path: &Path) {
        let mut link = Link::Root;
        let mut above = Link::Root;
        loop {
            let index = self.read(oracle, self.at(link));
            let Body::Inner { bit, .. } = self.nodes[index as usize].body else { break };
            let owned = self.own(index);
            self.hang(link, owned);
            above = link;
            link = if path.goes_right(bit) { Link::Right(owned) } else { Link::Left(owned) };
        }
        // the sibling takes the parent's place; its own bit and hash stay as they are
        let sibling = match link {
            Link::Root => NONE,
            Link::Left(parent) => self.at(Link::Right(parent)),
            Link::Right(parent) => self.at(Link::Left(parent)),
        };
        self.hang(above, sibling);
    }

    /// Returns the entry with the lowest path, and takes it out if `wanted` says so of it.
    pub fn take_first(&mut self, oracle: &impl Oracle, wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let lowest = Path([0; 8]);
        let leaf = self.nearest(oracle, &lowest)?;
        let entry = self.leaves[leaf as usize];
        if wanted(&entry) {
            self.unhang(oracle, &lowest);
        }
        Some(entry)
    }

    /// Hashes what changed, publishes the new nodes, and returns the root.
    pub fn root(&mut self, oracle: &impl Oracle) -> Hash {
        if self.root == NONE {
            return Hash::ZERO;
        }
        let fresh = !self.nodes[self.root as usize].hashed;
        let hash = self.hash(oracle, self.root);
        if fresh {
            self.remember(hash, self.root);
        }
        hash
    }

    /// Recursion is bounded by the path's bits.
    fn hash(&mut self, oracle: &impl Oracle, index: u32) -> Hash {
        let node = self.nodes[index as usize];
        if node.hashed {
            return node.hash;
        }
        let hash = match node.body {
            Body::Unread => unreachable!("a node that wasn't read has its hash"),
            Body::Leaf(leaf) => {
                let mut bytes = Aligned([0; 1 + ENTRY_LIMIT]);
                let entry = self.leaves[leaf as usize].bytes();
                bytes.0[0] = LEAF;
                bytes.0[1..1 + entry.len()].copy_from_slice(entry);
                publish(oracle, &bytes.0[..1 + entry.len()])
            }
            Body::Inner { bit, left, right } => {
                let left = self.hash(oracle, left);
                let right = self.hash(oracle, right);
                let mut bytes = Aligned([0; INNER_LENGTH]);
                bytes.0[0] = INNER;
                bytes.0[1..3].copy_from_slice(&bit.to_be_bytes());
                bytes.0[3..35].copy_from_slice(&left.0);
                bytes.0[35..].copy_from_slice(&right.0);
                publish(oracle, &bytes.0)
            }
        };
        let node = &mut self.nodes[index as usize];
        node.hash = hash;
        node.hashed = true;
        hash
    }

    /// Returns the leaf that the path leads to.
    fn nearest(&mut self, oracle: &impl Oracle, path: &Path) -> Option<u32> {
        if self.root == NONE {
            return None;
        }
        let mut index = self.root;
        loop {
            self.read(oracle, index);
            match self.nodes[index as usize].body {
                Body::Inner { bit, left, right } => index = if path.goes_right(bit) { right } else { left },
                Body::Leaf(leaf) => return Some(leaf),
                Body::Unread => unreachable!("just read"),
            }
        }
    }

    fn matching(&self, leaf: u32, key: &Key) -> Option<Entry> {
        let entry = self.leaves[leaf as usize];
        entry.bytes().starts_with(key.prefix.bytes()).then_some(entry)
    }

    /// Passes a node, fetching it if need be.
    fn read(&mut self, oracle: &impl Oracle, index: u32) -> u32 {
        self.work += self.costs.visit;
        let node = self.nodes[index as usize];
        if let Body::Unread = node.body {
            oracle.read(&node.hash, &mut self.buffer);
            let body = match self.buffer.split_first() {
                Some((&LEAF, entry)) if entry.len() <= ENTRY_LIMIT => {
                    self.leaves.push(Entry::new(&[entry]));
                    Body::Leaf(self.leaves.len() as u32 - 1)
                }
                Some((&INNER, rest)) if rest.len() == INNER_LENGTH - 1 => {
                    let bit = u16::from_be_bytes([rest[0], rest[1]]);
                    let (mut left, mut right) = (Hash::ZERO, Hash::ZERO);
                    left.0.copy_from_slice(&rest[2..34]);
                    right.0.copy_from_slice(&rest[34..]);
                    let left = self.push(Node { hash: left, hashed: true, body: Body::Unread });
                    let right = self.push(Node { hash: right, hashed: true, body: Body::Unread });
                    Body::Inner { bit, left, right }
                }
                _ => panic!("not a node of this tree"),
            };
            self.nodes[index as usize].body = body;
        }
        index
    }

    fn at(&self, link: Link) -> u32 {
        match link {
            Link::Root => self.root,
            Link::Left(parent) | Link::Right(parent) => match (self.nodes[parent as usize].body, link) {
                (Body::Inner { left, .. }, Link::Left(_)) => left,
                (Body::Inner { right, .. }, _) => right,
                _ => unreachable!("only inner nodes have children"),
            },
        }
    }

    fn hang(&mut self, link: Link, child: u32) {
        match link {
            Link::Root => self.root = child,
            Link::Left(parent) | Link::Right(parent) => {
                if let Body::Inner { left, right, .. } = &mut self.nodes[parent as usize].body {
                    *(if let Link::Left(_) = link { left } else { right }) = child;
                }
            }
        }
    }

    /// Returns a node of the same content that may be changed.
    fn own(&mut self, index: u32) -> u32 {
        let node = self.nodes[index as usize];
        if node.hashed {
            self.make(node.body)
        } else {
            index
        }
    }

    fn leaf(&mut self, entry: Entry) -> u32 {
        self.leaves.push(entry);
        self.make(Body::Leaf(self.leaves.len() as u32 - 1))
    }

    fn make(&mut self, body: Body) -> u32 {
        self.work += self.costs.change;
        self.push(Node { hash: Hash::ZERO, hashed: false, body })
    }

    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn remember(&mut self, root: Hash, index: u32) {
        if self.known.len() == KNOWN_LIMIT {
            self.known.remove(0);
        }
        self.known.push((root, index));
    }
}

/// Bytes that hash by whole words.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

fn publish(oracle: &impl Oracle, bytes: &[u8]) -> Hash {
    oracle.publish(Output::Preimage, bytes);
    keccak256(bytes)
}
