//! Entry, system calls, memory and panics on the RV64IM machine.

use crate::bytes::Hash;
use crate::keccak::keccak256;
use crate::oracle::{precompile_key, Oracle, Output, Preimage, Word};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
use core::cell::Cell;

const EXIT: u64 = 93;
const READ: u64 = 1;
const KIND_KECCAK: u64 = 0;
const KIND_PRECOMPILE: u64 = 2;
const FAILED: u64 = u64::MAX;

// The machine boots with zero registers but a0..a3; nothing else has to be set up than the stack.
global_asm!(
    ".section .text.start, \"ax\"",
    ".globl _start",
    "_start:",
    "la sp, __stack_top",
    "j rollworks_start",
);

/// Defines where a program starts on the machine: `entry!(run)` with `fn run(&Hash, &Machine) -> Hash`.
#[macro_export]
macro_rules! entry {
    ($run:path) => {
        #[no_mangle]
        extern "C" fn rollworks_start(a0: u64, a1: u64, a2: u64, a3: u64) -> ! {
            let input = $crate::riscv::from_registers([a0, a1, a2, a3]);
            $crate::riscv::exit($run(&input, &$crate::riscv::Machine))
        }
    };
}

/// The oracle of system calls.
pub struct Machine;

impl Oracle for Machine {
    fn read(&self, hash: &Hash, out: &mut Preimage) {
        read_all(KIND_KECCAK, hash, out);
    }

    fn precompile(&self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>> {
        let key = keccak256(&precompile_key(address, gas, input));
        let mut out = Preimage::new();
        read_all(KIND_PRECOMPILE, &key, &mut out).then(|| out.to_vec())
    }

    fn publish(&self, _: Output, _: &[u8]) {}
}

/// Reads word by word; false when the precompile failed.
fn read_all(kind: u64, key: &Hash, out: &mut Preimage) -> bool {
    let key = to_registers(key);
    let length = read_word(kind, &key, 0, &mut out.resize(32)[0]);
    if length == FAILED {
        return false;
    }
    let words = out.resize(length as usize);
    for (i, word) in words.iter_mut().enumerate().skip(1) {
        read_word(kind, &key, 32 * i as u64, word);
    }
    true
}

#[inline(always)]
fn read_word(kind: u64, key: &[u64; 4], offset: u64, destination: &mut Word) -> u64 {
    let length;
    // SAFETY: the call writes exactly the 32 aligned bytes of `destination` and a0
    unsafe {
        asm!(
            "ecall",
            in("a7") READ,
            inlateout("a0") kind => length,
            in("a1") key[0],
            in("a2") key[1],
            in("a3") key[2],
            in("a4") key[3],
            in("a5") offset,
            in("a6") destination as *mut Word,
            options(nostack, preserves_flags),
        );
    }
    length
}

fn to_registers(hash: &Hash) -> [u64; 4] {
    let mut registers = [0; 4];
    for (register, chunk) in registers.iter_mut().zip(hash.0.chunks_exact(8)) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        *register = u64::from_le_bytes(bytes);
    }
    registers
}

/// Returns the 32 bytes that four registers hold.
pub fn from_registers(registers: [u64; 4]) -> Hash {
    let mut hash = Hash::ZERO;
    for (chunk, register) in hash.0.chunks_exact_mut(8).zip(registers) {
        chunk.copy_from_slice(&register.to_le_bytes());
    }
    hash
}

/// Ends the run with `output` in a0..a3.
pub fn exit(output: Hash) -> ! {
    let [a0, a1, a2, a3] = to_registers(&output);
    // SAFETY: the machine halts
    unsafe {
        asm!("ecall", in("a7") EXIT, in("a0") a0, in("a1") a1, in("a2") a2, in("a3") a3, options(noreturn))
    }
}

/// A run is short and memory plentiful: nothing is freed, except that the newest block may grow in place.
struct Bump(Cell<usize>);

// SAFETY: the machine has one hart
unsafe impl Sync for Bump {}

extern "C" {
    static __heap_start: u8;
}

const HEAP_END: usize = 1 << 32;

// SAFETY: blocks are disjoint, aligned and below 4 GiB, where the address space ends
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let free = match self.0.get() {
            0 => &raw const __heap_start as usize,
            free => free,
        };
        let start = (free + layout.align() - 1) & !(layout.align() - 1);
        if layout.size() > HEAP_END - start {
            return core::ptr::null_mut();
        }
        self.0.set(start + layout.size());
        start as *mut u8
    }

    /// Fresh memory is zero: nothing was ever freed.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.alloc(layout)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = block as usize;
        if start + layout.size() == self.0.get() && size <= HEAP_END - start {
            self.0.set(start + size.max(layout.size()));
            return block;
        }
        let fresh = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !fresh.is_null() {
            core::ptr::copy_nonoverlapping(block, fresh, layout.size().min(size));
        }
        fresh
    }
}

#[global_allocator]
static HEAP: Bump = Bump(Cell::new(0));

/// A program that panics halts in ERROR: `unimp` is an illegal instruction.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: the machine halts
    unsafe { asm!("unimp", options(noreturn)) }
}
