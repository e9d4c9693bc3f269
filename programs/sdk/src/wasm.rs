//! Oracle, memory, panics and the calling convention in WebAssembly. One instance serves one caller at a time.

use crate::bytes::Hash;
use crate::oracle::{precompile_key, Oracle, Output, Preimage, PRECOMPILE_OUTPUT_LIMIT, PREIMAGE_LIMIT};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, RefCell};

mod host {
    #[link(wasm_import_module = "oracle")]
    extern "C" {
        /// Copies the preimage of the 32 bytes at `hash` to `out` and returns its length; throws when there is none.
        pub fn preimage(hash: *const u8, out: *mut u8, capacity: usize) -> usize;
        /// Returns the length of the precompile's output, copied to `out`, or −1 when it fails.
        pub fn precompile(
            address: u32,
            gas: u32,
            input: *const u8,
            length: usize,
            out: *mut u8,
            capacity: usize,
        ) -> isize;
    }
}

/// A value of a single-threaded instance.
pub struct Local<T>(pub T);

// SAFETY: the module is built without threads
unsafe impl<T> Sync for Local<T> {}

static LOG: Local<RefCell<Vec<u8>>> = Local(RefCell::new(Vec::new()));
static RESULT: Local<RefCell<Vec<u8>>> = Local(RefCell::new(Vec::new()));
static ARGUMENT: Local<RefCell<Vec<u64>>> = Local(RefCell::new(Vec::new()));

/// The oracle of imported functions. It logs what is published, and the keys of precompile reads.
pub struct Host;

impl Oracle for Host {
    fn read(&self, hash: &Hash, out: &mut Preimage) {
        let room = out.resize(PREIMAGE_LIMIT).as_mut_ptr();
        // SAFETY: `room` has PREIMAGE_LIMIT bytes
        let length = unsafe { host::preimage(hash.0.as_ptr(), room.cast(), PREIMAGE_LIMIT) };
        assert!(length <= PREIMAGE_LIMIT);
        out.resize(length);
    }

    fn precompile(&self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>> {
        self.publish(Output::PrecompileKey, &precompile_key(address, gas, input));
        let mut out = alloc::vec![0; PRECOMPILE_OUTPUT_LIMIT];
        // SAFETY: the slices are as long as the call says
        let length = unsafe {
            host::precompile(address as u32, gas, input.as_ptr(), input.len(), out.as_mut_ptr(), out.len())
        };
        let length = usize::try_from(length).ok()?;
        assert!(length <= PRECOMPILE_OUTPUT_LIMIT);
        out.truncate(length);
        Some(out)
    }

    fn publish(&self, kind: Output, bytes: &[u8]) {
        let mut log = LOG.0.borrow_mut();
        log.push(kind as u8);
        log.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        log.extend_from_slice(bytes);
    }
}

/// Begins a call: forgets the last one's result and log.
pub fn begin() {
    LOG.0.borrow_mut().clear();
    RESULT.0.borrow_mut().clear();
}

/// Ends a call with `bytes` as its result.
pub fn finish(bytes: &[u8]) {
    RESULT.0.borrow_mut().extend_from_slice(bytes);
}

/// Returns the caller's argument.
///
/// # Safety
/// `length` bytes at `start` must be readable and stay unchanged during the call.
pub unsafe fn argument<'a>(start: *const u8, length: usize) -> &'a [u8] {
    core::slice::from_raw_parts(start, length)
}

#[no_mangle]
extern "C" fn buffer(length: usize) -> *mut u8 {
    let mut argument = ARGUMENT.0.borrow_mut();
    argument.clear();
    argument.resize(length.div_ceil(8), 0);
    argument.as_mut_ptr().cast()
}

#[no_mangle]
extern "C" fn result_ptr() -> *const u8 {
    RESULT.0.borrow().as_ptr()
}

#[no_mangle]
extern "C" fn result_len() -> usize {
    RESULT.0.borrow().len()
}

#[no_mangle]
extern "C" fn log_ptr() -> *const u8 {
    LOG.0.borrow().as_ptr()
}

#[no_mangle]
extern "C" fn log_len() -> usize {
    LOG.0.borrow().len()
}

/// Defines `run` and `genesis` of a program: `entry!(run, genesis)` with `fn run(&Hash, &Host) -> Hash` and
/// `fn genesis(&Host) -> Hash`.
#[macro_export]
macro_rules! entry {
    ($run:path, $genesis:path) => {
        #[export_name = "run"]
        unsafe extern "C" fn exported_run(input: *const u8) {
            $crate::wasm::begin();
            let mut hash = $crate::Hash::ZERO;
            hash.0.copy_from_slice($crate::wasm::argument(input, 32));
            let output = $run(&hash, &$crate::wasm::Host);
            $crate::wasm::finish(&output.0);
        }

        #[export_name = "genesis"]
        extern "C" fn exported_genesis() {
            $crate::wasm::begin();
            let output = $genesis(&$crate::wasm::Host);
            $crate::wasm::finish(&output.0);
        }
    };
}

/// Blocks of powers of two, a free list for each: constant time, no fragmentation between sizes, at most half wasted.
struct Heap {
    free: [Cell<usize>; 32],
    /// First byte never handed out, and the end of memory.
    fresh: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module is built without threads
unsafe impl Sync for Heap {}

extern "C" {
    static __heap_base: u8;
}

const PAGE: usize = 65_536;
/// Smallest block: 16 bytes, which hold the link of the free list.
const SMALLEST: u32 = 4;

fn class(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    usize::BITS - (size - 1).leading_zeros()
}

// SAFETY: a block of class c has 2^c bytes at an address divisible by min(2^c, PAGE); no program asks for more alignment
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout);
        let Some(list) = self.free.get(class as usize) else { return core::ptr::null_mut() };
        let head = list.get();
        if head != 0 {
            list.set(*(head as *const usize));
            return head as *mut u8;
        }
        let size = 1usize << class;
        if self.end.get() == 0 {
            self.fresh.set(&raw const __heap_base as usize);
            self.end.set(core::arch::wasm32::memory_size(0) * PAGE);
        }
        let mask = size.min(PAGE) - 1;
        let start = (self.fresh.get() + mask) & !mask;
        let Some(stop) = start.checked_add(size) else { return core::ptr::null_mut() };
        if stop > self.end.get() {
            let pages = (stop - self.end.get()).div_ceil(PAGE);
            if core::arch::wasm32::memory_grow(0, pages) == usize::MAX {
                return core::ptr::null_mut();
            }
            self.end.set(self.end.get() + pages * PAGE);
        }
        self.fresh.set(stop);
        start as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let list = &self.free[class(layout) as usize];
        *(block as *mut usize) = list.get();
        list.set(block as usize);
    }
}

#[global_allocator]
static HEAP: Heap = Heap { free: [const { Cell::new(0) }; 32], fresh: Cell::new(0), end: Cell::new(0) };

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
