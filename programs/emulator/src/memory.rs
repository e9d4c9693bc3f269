//! Four GiB of memory in pages of 4 KiB that exist once they are touched, with the keccak tree over them.
//!
//! A page is shared between the live memory and any number of checkpoints and copied on the first write after it was
//! shared. The write table holds a page only while writing to it needs no bookkeeping, so the first write to a page after a
//! hash or a checkpoint comes by `prepare_write`, which notes that the page changed: hashing costs what was touched. The
//! read table holds every page that exists, and those others that were read: they are all one page of zeros.

use crate::hot::{self, Access};
use crate::keccak::{hash_lanes, hash_pair, Hash};

pub const ADDRESS_SPACE: u64 = 1 << 32;
/// The text is [0, TEXT_END): never written, its root is pinned.
pub const TEXT_END: u64 = 1 << 21;
pub const PAGE_SIZE: usize = 1 << PAGE_BITS;
pub const PAGE_BITS: usize = 12;
pub const PAGES: usize = 1 << 20;

const LEAVES_PER_PAGE: usize = 128;
const PAGE_LEVELS: usize = 7;
const REGION_BITS: usize = 10;
const REGION_PAGES: usize = 1 << REGION_BITS;
const REGIONS: usize = PAGES / REGION_PAGES;
/// Pages come in chunks, as many at a time as there are already, within these bounds: growing an instance's memory takes milliseconds.
const LEAST_CHUNK: usize = 64;
const MOST_CHUNK: usize = 1024;

pub type PageId = u32;
/// No page: the memory there is zero.
const NONE: PageId = 0;

#[repr(align(4096))]
struct Zeros {
    _bytes: [u8; PAGE_SIZE],
}
/// Never written: `mut` spares the module 4 KiB of zeros.
static mut ZEROS: Zeros = Zeros { _bytes: [0; PAGE_SIZE] };

struct Page {
    /// address of its bytes in our own memory
    data: *mut u8,
    /// users: the live memory and checkpoints
    users: u32,
    /// root of its subtree of depth 7, if it is known
    root: Option<Hash>,
}

/// A binary tree over 1,024 nodes; node 1 is the root, 1,024 … 2,047 are the leaves.
struct Tree {
    nodes: Box<[Hash]>,
}

impl Tree {
    fn new(leaf_level: usize, zeros: &[Hash]) -> Tree {
        let mut nodes = vec![[0; 32]; 2 * REGION_PAGES].into_boxed_slice();
        for (index, node) in nodes.iter_mut().enumerate().skip(1) {
            *node = zeros[leaf_level + REGION_BITS - index.ilog2() as usize];
        }
        Tree { nodes }
    }

    fn root(&self) -> Hash {
        self.nodes[1]
    }

    /// Rehashes everything above the given leaves (ascending, without duplicates).
    fn update(&mut self, mut changed: Vec<usize>) {
        for index in &mut changed {
            *index += REGION_PAGES;
        }
        while changed.first().is_some_and(|&index| index > 1) {
            for index in &mut changed {
                *index /= 2;
            }
            changed.dedup();
            for &index in &changed {
                self.nodes[index] = hash_pair(&self.nodes[2 * index], &self.nodes[2 * index + 1]);
            }
        }
    }

    /// Appends the siblings of a leaf, lowest first, up to the node `levels` above it.
    fn siblings(&self, leaf: usize, levels: usize, out: &mut Vec<u8>) {
        let mut index = leaf + REGION_PAGES;
        for _ in 0..levels {
            out.extend_from_slice(&self.nodes[index ^ 1]);
            index /= 2;
        }
    }
}

struct Region {
    pages: Box<[PageId; REGION_PAGES]>,
    tree: Tree,
    dirty: Box<[bool; REGION_PAGES]>,
}

/// The pages of a memory at one moment.
pub struct Snapshot {
    pages: Vec<(u32, PageId)>,
}

pub struct Memory {
    pages: Vec<Page>,
    free: Vec<PageId>,
    /// memory for pages that was never used
    fresh: Vec<*mut u8>,
    chunks: Vec<Box<[u64]>>,
    regions: Vec<Option<Region>>,
    top: Tree,
    zeros: Vec<Hash>,
    /// pages in the write table
    writable: Vec<u32>,
    /// pages whose nodes in the tree are stale
    dirty: Vec<u32>,
}

/// The node of a leaf: the big-endian form of its little-endian integer.
fn leaf_node(bytes: &[u8]) -> Hash {
    let mut node: Hash = bytes.try_into().expect("a leaf has 32 bytes");
    node.reverse();
    node
}

/// Eight lanes of the keccak input made of two neighbouring leaves.
fn leaf_lanes(bytes: &[u8]) -> [u64; 8] {
    let mut lanes = [0; 8];
    for (index, word) in bytes.chunks_exact(8).enumerate() {
        let value = u64::from_be_bytes(word.try_into().expect("eight bytes"));
        lanes[(index & 4) + 3 - (index & 3)] = value;
    }
    lanes
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.forbid_writes();
        hot::unmap_all(Access::Read);
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    pub fn new() -> Memory {
        let mut zeros = vec![[0; 32]];
        for level in 0..PAGE_LEVELS + 2 * REGION_BITS {
            zeros.push(hash_pair(&zeros[level], &zeros[level]));
        }
        Memory {
            pages: vec![Page { data: core::ptr::null_mut(), users: 0, root: None }],
            free: Vec::new(),
            fresh: Vec::new(),
            chunks: Vec::new(),
            regions: (0..REGIONS).map(|_| None).collect(),
            top: Tree::new(PAGE_LEVELS + REGION_BITS, &zeros),
            zeros,
            writable: Vec::new(),
            dirty: Vec::new(),
        }
    }

    /// Returns how many pages exist, those of checkpoints included.
    pub fn pages_in_use(&self) -> usize {
        self.pages.len() - 1 - self.free.len()
    }

    fn page_id(&self, number: usize) -> PageId {
        self.regions[number / REGION_PAGES]
            .as_ref()
            .map_or(NONE, |region| region.pages[number % REGION_PAGES])
    }

    fn region(&mut self, number: usize) -> &mut Region {
        let zeros = &self.zeros;
        self.regions[number / REGION_PAGES].get_or_insert_with(|| Region {
            pages: Box::new([NONE; REGION_PAGES]),
            tree: Tree::new(PAGE_LEVELS, zeros),
            dirty: Box::new([false; REGION_PAGES]),
        })
    }

    fn mark_dirty(&mut self, number: usize) {
        let seen = core::mem::replace(&mut self.region(number).dirty[number % REGION_PAGES], true);
        if !seen {
            self.dirty.push(number as u32);
        }
    }

    fn allocate(&mut self) -> PageId {
        if let Some(id) = self.free.pop() {
            self.pages[id as usize].users = 1;
            self.pages[id as usize].root = None;
            return id;
        }
        if self.fresh.is_empty() {
            let pages = self.pages.len().clamp(LEAST_CHUNK, MOST_CHUNK);
            let mut chunk = vec![0u64; pages * PAGE_SIZE / 8].into_boxed_slice();
            self.fresh
                .extend(chunk.chunks_exact_mut(PAGE_SIZE / 8).rev().map(|page| page.as_mut_ptr().cast()));
            self.chunks.push(chunk);
        }
        let data = self.fresh.pop().expect("a chunk was just added");
        self.pages.push(Page { data, users: 1, root: None });
        (self.pages.len() - 1) as PageId
    }

    fn bytes(&self, id: PageId) -> &[u8] {
        // SAFETY: `data` points to PAGE_SIZE bytes of a chunk that lives as long as `self`; nothing writes to them while `self` is borrowed.
        unsafe { core::slice::from_raw_parts(self.pages[id as usize].data, PAGE_SIZE) }
    }

    fn release(&mut self, id: PageId) {
        if id != NONE {
            let page = &mut self.pages[id as usize];
            page.users -= 1;
            if page.users == 0 {
                self.free.push(id);
            }
        }
    }

    /// Makes the page of `address` writable without further bookkeeping until the next hash or snapshot.
    pub fn prepare_write(&mut self, address: u64) {
        let number = (address >> PAGE_BITS) as usize;
        let old = self.page_id(number);
        let id = if old == NONE {
            let id = self.allocate();
            // SAFETY: as in `bytes`; a recycled page holds old bytes.
            unsafe { core::ptr::write_bytes(self.pages[id as usize].data, 0, PAGE_SIZE) };
            id
        } else if self.pages[old as usize].users > 1 {
            let id = self.allocate();
            let (from, to) = (self.pages[old as usize].data, self.pages[id as usize].data);
            // SAFETY: two different pages of PAGE_SIZE bytes each.
            unsafe { core::ptr::copy_nonoverlapping(from, to, PAGE_SIZE) };
            self.release(old);
            id
        } else {
            self.pages[old as usize].root = None;
            old
        };
        self.region(number).pages[number % REGION_PAGES] = id;
        self.mark_dirty(number);
        self.writable.push(number as u32);
        let data = self.pages[id as usize].data;
        hot::map(Access::Read, number, data);
        hot::map(Access::Write, number, data);
    }

    /// Lets the inner loop read the page of `address` also while there is none.
    pub fn prepare_read(&self, address: u64) {
        let number = (address >> PAGE_BITS) as usize;
        if self.page_id(number) == NONE {
            // The read table alone leads there, and `prepare_write` puts a page of our own in its place.
            hot::map(Access::Read, number, (&raw mut ZEROS).cast());
        }
    }

    fn forbid_writes(&mut self) {
        for number in self.writable.drain(..) {
            hot::unmap(Access::Write, number as usize);
        }
    }

    pub fn read(&self, address: u64, out: &mut [u8]) {
        let mut at = address as usize;
        let mut rest = out;
        while !rest.is_empty() {
            let offset = at % PAGE_SIZE;
            let (piece, tail) = rest.split_at_mut((PAGE_SIZE - offset).min(rest.len()));
            match self.page_id(at / PAGE_SIZE) {
                NONE => piece.fill(0),
                id => piece.copy_from_slice(&self.bytes(id)[offset..offset + piece.len()]),
            }
            at += piece.len();
            rest = tail;
        }
    }

    /// Reads `size` (1, 2, 4, 8) naturally aligned bytes below 2^32.
    pub fn load(&self, address: u64, size: usize) -> u64 {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes[..size]);
        u64::from_le_bytes(bytes)
    }

    /// Writes bytes of one page, below 2^32. Whether the address may be written is the caller's business.
    pub fn write(&mut self, address: u64, bytes: &[u8]) {
        let (number, offset) = ((address >> PAGE_BITS) as usize, address as usize % PAGE_SIZE);
        if !hot::is_mapped(Access::Write, number) {
            self.prepare_write(address);
        }
        let data = self.pages[self.page_id(number) as usize].data;
        assert!(offset + bytes.len() <= PAGE_SIZE);
        // SAFETY: `prepare_write` made the page ours alone; the range was just checked.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), data.add(offset), bytes.len()) };
    }

    /// The nodes of a page's subtree, node 1 its root, 64 … 127 the hashed pairs of leaves.
    fn page_nodes(&self, id: PageId) -> Vec<Hash> {
        let mut nodes = vec![[0; 32]; LEAVES_PER_PAGE];
        for (index, pair) in self.bytes(id).chunks_exact(64).enumerate() {
            nodes[LEAVES_PER_PAGE / 2 + index] =
                if pair.iter().all(|&byte| byte == 0) { self.zeros[1] } else { hash_lanes(leaf_lanes(pair)) };
        }
        for index in (1..LEAVES_PER_PAGE / 2).rev() {
            let (left, right) = (nodes[2 * index], nodes[2 * index + 1]);
            let level = PAGE_LEVELS - 1 - index.ilog2() as usize;
            let zero = &self.zeros[level];
            nodes[index] = if left == *zero && right == *zero {
                self.zeros[level + 1]
            } else {
                hash_pair(&left, &right)
            };
        }
        nodes
    }

    fn page_root(&mut self, id: PageId) -> Hash {
        if id == NONE {
            return self.zeros[PAGE_LEVELS];
        }
        if let Some(root) = self.pages[id as usize].root {
            return root;
        }
        let root = self.page_nodes(id)[1];
        self.pages[id as usize].root = Some(root);
        root
    }

    /// Returns the root of the whole tree; hashes only pages touched since the last time.
    pub fn root(&mut self) -> Hash {
        self.forbid_writes();
        let mut dirty = core::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        let mut changed_regions = Vec::new();
        for group in dirty.chunk_by(|a, b| *a as usize / REGION_PAGES == *b as usize / REGION_PAGES) {
            let region_index = group[0] as usize / REGION_PAGES;
            let mut changed = Vec::with_capacity(group.len());
            for &number in group {
                let root = self.page_root(self.page_id(number as usize));
                let leaf = number as usize % REGION_PAGES;
                let region = self.region(number as usize);
                region.tree.nodes[REGION_PAGES + leaf] = root;
                region.dirty[leaf] = false;
                changed.push(leaf);
            }
            let region = self.region(region_index * REGION_PAGES);
            region.tree.update(changed);
            self.top.nodes[REGION_PAGES + region_index] = region.tree.root();
            changed_regions.push(region_index);
        }
        self.top.update(changed_regions);
        self.top.root()
    }

    /// Returns the root of [0, 2 MiB).
    pub fn code_root(&mut self) -> Hash {
        self.root();
        self.region(0).tree.nodes[2]
    }

    /// Appends the leaf of `address` and its siblings, lowest first, up to `levels` above the leaf.
    pub fn proof(&mut self, address: u64, levels: usize, out: &mut Vec<u8>) {
        self.root();
        let (number, offset) = ((address >> PAGE_BITS) as usize, address as usize % PAGE_SIZE);
        let id = self.page_id(number);
        let leaf = offset / 32;
        if id == NONE {
            out.extend_from_slice(&[0; 32]);
            for level in 0..PAGE_LEVELS {
                out.extend_from_slice(&self.zeros[level]);
            }
        } else {
            let bytes = self.bytes(id);
            out.extend_from_slice(&leaf_node(&bytes[32 * leaf..32 * leaf + 32]));
            let neighbour = leaf ^ 1;
            out.extend_from_slice(&leaf_node(&bytes[32 * neighbour..32 * neighbour + 32]));
            let nodes = self.page_nodes(id);
            let mut index = (LEAVES_PER_PAGE + leaf) / 2;
            while index > 1 {
                out.extend_from_slice(&nodes[index ^ 1]);
                index /= 2;
            }
        }
        let above = levels - PAGE_LEVELS;
        self.region(number).tree.siblings(number % REGION_PAGES, above.min(REGION_BITS), out);
        if above > REGION_BITS {
            self.top.siblings(number / REGION_PAGES, above - REGION_BITS, out);
        }
    }

    fn live_pages(&self) -> Vec<(u32, PageId)> {
        let mut all = Vec::new();
        for (index, region) in self.regions.iter().enumerate() {
            for (leaf, &id) in region.iter().flat_map(|region| region.pages.iter().enumerate()) {
                if id != NONE {
                    all.push(((index * REGION_PAGES + leaf) as u32, id));
                }
            }
        }
        all
    }

    pub fn snapshot(&mut self) -> Snapshot {
        self.forbid_writes();
        let pages = self.live_pages();
        for &(_, id) in &pages {
            self.pages[id as usize].users += 1;
        }
        Snapshot { pages }
    }

    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.forbid_writes();
        let mut wanted = snapshot.pages.iter().copied().peekable();
        for (number, old) in self.live_pages() {
            while let Some((before, id)) = wanted.next_if(|&(wanted, _)| wanted < number) {
                self.replace(before as usize, NONE, id);
            }
            let id = wanted.next_if(|&(wanted, _)| wanted == number).map_or(NONE, |(_, id)| id);
            if id != old {
                self.replace(number as usize, old, id);
            }
        }
        for (number, id) in wanted {
            self.replace(number as usize, NONE, id);
        }
    }

    fn replace(&mut self, number: usize, old: PageId, id: PageId) {
        self.release(old);
        self.region(number).pages[number % REGION_PAGES] = id;
        self.mark_dirty(number);
        if id == NONE {
            hot::unmap(Access::Read, number);
        } else {
            self.pages[id as usize].users += 1;
            hot::map(Access::Read, number, self.pages[id as usize].data);
        }
    }

    pub fn forget(&mut self, snapshot: Snapshot) {
        for (_, id) in snapshot.pages {
            self.release(id);
        }
    }
}
