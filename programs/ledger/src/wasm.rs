//! The ledger as a WebAssembly module: one batch at a time, block by block. The calls are drawn in
//! `docs/encodings/ledger.md`.

use crate::receipt::Receipt;
use crate::run::{run_in, Context, Run, Session};
use crate::state::State;
use alloc::vec::Vec;
use core::cell::RefCell;
use rollworks_sdk::input::Config;
use rollworks_sdk::wasm::{argument, begin, finish, Host, Local};
use rollworks_sdk::{Hash, Oracle, Reader};

rollworks_sdk::entry!(run, crate::genesis);

struct Instance {
    state: State,
    session: Option<Session>,
    marks: Vec<Session>,
}

static INSTANCE: Local<RefCell<Instance>> =
    Local(RefCell::new(Instance { state: State::new(), session: None, marks: Vec::new() }));

fn run(input: &Hash, host: &Host) -> Hash {
    let mut instance = INSTANCE.0.borrow_mut();
    instance.session = None;
    instance.marks.clear();
    run_in(&mut instance.state, input, host)
}

#[no_mangle]
unsafe extern "C" fn open(start: *const u8, length: usize) {
    begin();
    let instance = &mut *INSTANCE.0.borrow_mut();
    instance.marks.clear();
    let context = decode_context(argument(start, length)).expect("an argument of open");
    let (run, receipts) = Run::open(&Host, &mut instance.state, &context).expect("a parent of this program");
    let mut result = Vec::new();
    result.extend_from_slice(&run.session.state_root.0);
    result.extend_from_slice(&run.session.record.message_index.to_be_bytes());
    result.push(run.session.phase);
    encode_rest(&run, &receipts, &mut result);
    instance.session = Some(run.session);
    finish(&result);
}

#[no_mangle]
unsafe extern "C" fn block(start: *const u8, length: usize) {
    begin();
    let instance = &mut *INSTANCE.0.borrow_mut();
    let session = instance.session.take().expect("an open batch");
    let mut run = Run::resume(&Host, &mut instance.state, session);
    let receipts = run.block(argument(start, length)).expect("one block");
    let mut result = Vec::new();
    result.extend_from_slice(&run.session.state_root.0);
    encode_rest(&run, &receipts, &mut result);
    instance.session = Some(run.session);
    finish(&result);
}

#[no_mangle]
extern "C" fn close(timestamp: u64) {
    begin();
    let instance = &mut *INSTANCE.0.borrow_mut();
    let session = instance.session.take().expect("an open batch");
    let run = Run::resume(&Host, &mut instance.state, session);
    let commitment = run.close(timestamp);
    let mut result = Vec::new();
    result.extend_from_slice(&commitment.publish(&Host).0);
    result.extend_from_slice(&commitment.encode());
    instance.session = Some(run.session);
    finish(&result);
}

/// Returns the steps that the open batch may have cost so far.
#[no_mangle]
extern "C" fn work() -> u64 {
    INSTANCE.0.borrow().state.tree.work()
}

#[no_mangle]
extern "C" fn mark() -> usize {
    let instance = &mut *INSTANCE.0.borrow_mut();
    let session = instance.session.clone().expect("an open batch");
    instance.marks.push(session);
    instance.marks.len() - 1
}

#[no_mangle]
extern "C" fn rewind(mark: usize) {
    let instance = &mut *INSTANCE.0.borrow_mut();
    assert!(mark < instance.marks.len());
    instance.session = Some(instance.marks[mark].clone());
    instance.marks.truncate(mark + 1);
}

fn decode_context(bytes: &[u8]) -> Option<Context> {
    let mut reader = Reader(bytes);
    let parent = reader.hash()?;
    let config = Config::decode(reader.take(Config::LENGTH)?)?;
    let context =
        Context { parent, config, target: reader.u64()?, target_hash: reader.hash()?, flags: reader.u8()? };
    reader.is_empty().then_some(context)
}

fn encode_rest<O: Oracle>(run: &Run<O>, receipts: &[Receipt], result: &mut Vec<u8>) {
    result.extend_from_slice(&run.work_left().to_be_bytes());
    result.extend_from_slice(&(receipts.len() as u16).to_be_bytes());
    for receipt in receipts {
        result.extend_from_slice(&receipt.encode());
    }
}
