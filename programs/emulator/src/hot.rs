//! The registers and page tables at constant addresses, which saves the inner loop an addition on every access. So there
//! is one machine per WebAssembly instance (and per process: native tests take turns).

use crate::memory::{PAGES, PAGE_BITS};

#[derive(Clone, Copy)]
pub enum Access {
    Read = 0,
    Write = 1,
}

/// x0 … x31; x0 is never written.
pub static mut REGISTERS: [u64; 32] = [0; 32];

/// For each page the distance from its guest address to where its bytes are, less BIAS; 0: not mapped.
pub static mut PAGE_TABLES: [[usize; PAGES]; 2] = [[0; PAGES]; 2];

/// Pages are aligned to more than this, so a mapped page's entry is never 0.
pub const BIAS: usize = 1;

pub fn register(index: usize) -> u64 {
    // SAFETY: one thread; no reference to the array is ever held.
    unsafe { REGISTERS[index & 31] }
}

pub fn set_register(index: usize, value: u64) {
    if index & 31 != 0 {
        // SAFETY: as above.
        unsafe { REGISTERS[index & 31] = value }
    }
}

pub fn map(access: Access, page: usize, data: *mut u8) {
    let entry = (data as usize).wrapping_sub(page << PAGE_BITS).wrapping_sub(BIAS);
    assert!(entry != 0, "pages are aligned to two bytes at least");
    // SAFETY: as above.
    unsafe { PAGE_TABLES[access as usize][page] = entry }
}

pub fn unmap(access: Access, page: usize) {
    // SAFETY: as above.
    unsafe { PAGE_TABLES[access as usize][page] = 0 }
}

pub fn unmap_all(access: Access) {
    // SAFETY: as above; the reference ends with the statement.
    unsafe { (*(&raw mut PAGE_TABLES[access as usize])).fill(0) }
}

pub fn is_mapped(access: Access, page: usize) -> bool {
    // SAFETY: as above.
    unsafe { PAGE_TABLES[access as usize][page] != 0 }
}
