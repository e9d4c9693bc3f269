//! The module's exports and imports; README.md documents them. Bytes travel through one exchange buffer.

use crate::host::{BlobWord, Host};
use crate::hot;
use crate::keccak::Hash;
use crate::machine::{Machine, Outcome};
use crate::memory::ADDRESS_SPACE;

#[link(wasm_import_module = "host")]
extern "C" {
    /// Looks up a preimage; returns its length, or −1 when it is unknown.
    fn preimage(kind: u32, key: *const u8) -> i32;
    /// Calls a precompile with exactly this gas; returns the length of its output, or −1 when the call fails.
    fn precompile(address: u32, gas: u32, input: *const u8, length: u32) -> i32;
    /// Looks up a blob's word and its opening; returns 128, or −1 when the blob is unknown.
    #[link_name = "blobWord"]
    fn blob_word(versioned_hash: *const u8, index: u32) -> i32;
    /// Writes what one of the three has found.
    fn take(destination: *mut u8);
}

struct Imports;

fn taken(length: i32) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    // SAFETY: the host writes the length that it has just announced.
    unsafe { take(bytes.as_mut_ptr()) };
    Some(bytes)
}

impl Host for Imports {
    fn preimage(&mut self, kind: u64, key: &Hash) -> Option<Vec<u8>> {
        // SAFETY: the host reads 32 bytes.
        taken(unsafe { preimage(kind as u32, key.as_ptr()) })
    }

    fn precompile(&mut self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>> {
        // SAFETY: the host reads `length` bytes.
        taken(unsafe { precompile(address.into(), gas, input.as_ptr(), input.len() as u32) })
    }

    fn blob_word(&mut self, versioned_hash: &Hash, index: u64) -> Option<BlobWord> {
        // SAFETY: the host reads 32 bytes.
        taken(unsafe { blob_word(versioned_hash.as_ptr(), index as u32) })?.try_into().ok()
    }
}

struct Instance {
    exchange: Vec<u8>,
    machine: Option<Machine>,
}

static mut INSTANCE: Instance = Instance { exchange: Vec::new(), machine: None };

fn instance() -> &'static mut Instance {
    // SAFETY: one thread, and the host's imports never call back into the module.
    unsafe { &mut *(&raw mut INSTANCE) }
}

fn machine() -> &'static mut Machine {
    instance().machine.as_mut().expect("load comes first")
}

fn give(bytes: &[u8]) -> u32 {
    let exchange = &mut instance().exchange;
    exchange.clear();
    exchange.extend_from_slice(bytes);
    bytes.len() as u32
}

fn exchanged<const N: usize>() -> [u8; N] {
    instance().exchange[..N].try_into().expect("the slice has N bytes")
}

#[no_mangle]
pub extern "C" fn exchange(size: u32) -> *mut u8 {
    let exchange = &mut instance().exchange;
    if exchange.len() < size as usize {
        exchange.resize(size as usize, 0);
    }
    exchange.as_mut_ptr()
}

#[no_mangle]
pub extern "C" fn load(size: u32) -> u32 {
    let instance = instance();
    instance.machine = None;
    match Machine::new(&instance.exchange[..size as usize]) {
        Ok(machine) => {
            instance.machine = Some(machine);
            0
        }
        Err(problem) => give(problem.as_bytes()),
    }
}

#[no_mangle]
pub extern "C" fn identity() -> u32 {
    let identity = machine().identity();
    let mut bytes = [0; 128];
    bytes[..32].copy_from_slice(&identity.code_root);
    bytes[32..64].copy_from_slice(&identity.memory_root);
    bytes[88..96].copy_from_slice(&identity.entry.to_be_bytes());
    bytes[96..].copy_from_slice(&identity.program_hash());
    give(&bytes)
}

#[no_mangle]
pub extern "C" fn boot() {
    machine().boot(&exchanged());
}

#[no_mangle]
pub extern "C" fn run(to: u64) -> u32 {
    machine().run(to, &mut Imports) as u32
}

#[no_mangle]
pub extern "C" fn steps() -> u64 {
    machine().steps()
}

#[no_mangle]
pub extern "C" fn pc() -> u64 {
    machine().pc()
}

#[no_mangle]
pub extern "C" fn register(index: u32) -> u64 {
    hot::register(index as usize)
}

#[no_mangle]
pub extern "C" fn state() -> u32 {
    give(&machine().state())
}

#[export_name = "stateHash"]
pub extern "C" fn state_hash() -> u32 {
    give(&machine().state_hash())
}

#[no_mangle]
pub extern "C" fn witness() -> u32 {
    match machine().witness(&mut Imports) {
        Ok(witness) => {
            give(&witness);
            Outcome::Reached as u32
        }
        Err(outcome) => outcome as u32,
    }
}

#[export_name = "exchangeLength"]
pub extern "C" fn exchange_length() -> u32 {
    instance().exchange.len() as u32
}

#[no_mangle]
pub extern "C" fn wanted() -> u32 {
    let Some(wanted) = machine().wanted() else {
        return give(&[]);
    };
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&wanted.kind.to_be_bytes());
    bytes[8..40].copy_from_slice(&wanted.key);
    bytes[40..].copy_from_slice(&wanted.index.to_be_bytes());
    give(&bytes)
}

#[no_mangle]
pub extern "C" fn checkpoint() -> u32 {
    machine().checkpoint() as u32
}

#[no_mangle]
pub extern "C" fn restore(number: u32) -> u32 {
    machine().restore(number as usize).into()
}

#[no_mangle]
pub extern "C" fn forget(number: u32) -> u32 {
    machine().forget(number as usize).into()
}

#[no_mangle]
pub extern "C" fn pages() -> u32 {
    machine().memory().pages_in_use() as u32
}

#[no_mangle]
pub extern "C" fn peek(address: u64, size: u32) -> u32 {
    if address.checked_add(size.into()).is_none_or(|end| end > ADDRESS_SPACE) {
        return give(&[]);
    }
    let mut bytes = vec![0; size as usize];
    machine().memory().read(address, &mut bytes);
    give(&bytes)
}

#[export_name = "setRegisters"]
pub extern "C" fn set_registers() {
    let bytes: [u8; 256] = exchanged();
    let word =
        |index: usize| u64::from_be_bytes(bytes[8 * index..8 * index + 8].try_into().expect("eight bytes"));
    machine().set_registers(word(0), &core::array::from_fn(|index| word(index + 1)));
}
