//! How a batch is put together: open, block after block, close. Building and deriving are this one path.

use crate::execute::Origin;
use crate::receipt::Receipt;
use crate::state::{Record, State};
use crate::{typed_data, work};
use alloc::vec::Vec;
use rollworks_sdk::input::{Commitment, Config, Input, FLAG_MESSAGE_ONLY, FLAG_SWEEP};
use rollworks_sdk::{data, Hash, Oracle, Reader, U256};

pub const PHASE_OPEN: u8 = 0;
pub const PHASE_SWEEPING: u8 = 1;
pub const PHASE_SWEPT: u8 = 2;

const DATA_VERSION: u8 = 1;

/// Nodes that an instance keeps between batches, at most (about 300 bytes each with their leaf).
const NODE_LIMIT: usize = 500_000;

/// What a batch starts from.
pub struct Context {
    pub parent: Hash,
    pub config: Config,
    pub target: u64,
    pub target_hash: Hash,
    pub flags: u8,
}

/// Where an open batch stands, besides the tree. Small: a copy of it is a snapshot.
#[derive(Clone)]
pub struct Session {
    pub config: Config,
    /// EIP-712 domain separator.
    pub domain: Hash,
    pub record: Record,
    pub block: u64,
    pub transactions: u64,
    pub phase: u8,
    /// Collected in this block, credited at its end [wei].
    pub fees: U256,
    pub tree_root: Hash,
    pub state_root: Hash,
    message_only: bool,
    /// The meter when blocks must end, and when the last one ended [steps].
    work_limit: u64,
    work: u64,
}

/// A batch in progress.
pub struct Run<'a, O: Oracle> {
    pub oracle: &'a O,
    pub state: &'a mut State,
    pub session: Session,
}

impl<'a, O: Oracle> Run<'a, O> {
    /// Starts a batch: consumes messages, and sweeps when that is due. Returns the receipts of the messages.
    /// `None` when the parent isn't a commitment of this program.
    pub fn open(
        oracle: &'a O,
        state: &'a mut State,
        context: &Context,
    ) -> Option<(Run<'a, O>, Vec<Receipt>)> {
        state.tree.trim(NODE_LIMIT);
        state.tree.set_work(0);
        let parent = Commitment::read(oracle, &context.parent)?;
        let (tree_root, record) = Record::read(oracle, &parent.state_root)?;
        state.tree.open(&tree_root);
        let session = Session {
            config: context.config,
            domain: typed_data::domain_separator(context.config.l2_chain_id),
            record,
            block: parent.block,
            transactions: parent.transactions,
            phase: parent.phase,
            fees: U256::ZERO,
            tree_root,
            state_root: parent.state_root,
            message_only: context.flags & FLAG_MESSAGE_ONLY != 0,
            work_limit: 0,
            work: 0,
        };
        let mut run = Run { oracle, state, session };
        let receipts = run.consume(context.target, context.target_hash);
        let budget = work::batch_budget(context.config.log2_steps, context.config.batch_gas);
        run.session.work_limit = run.state.tree.work() + budget;
        if context.flags & FLAG_SWEEP != 0 && run.session.record.message_index == context.target {
            run.sweep();
        }
        run.settle();
        Some((run, receipts))
    }

    /// Takes up a batch where `session` stood at the end of a call.
    pub fn resume(oracle: &'a O, state: &'a mut State, session: Session) -> Run<'a, O> {
        state.tree.open(&session.tree_root);
        state.tree.set_work(session.work);
        Run { oracle, state, session }
    }

    /// Executes one block. Returns receipts of the transactions that the batch had room for; the others have left no
    /// trace, and the batch is full. `None` when the bytes aren't one block.
    pub fn block(&mut self, bytes: &[u8]) -> Option<Vec<Receipt>> {
        let mut whole = Reader(bytes);
        if next_block(&mut whole)?.len() != bytes.len() {
            return None;
        }
        if self.work_left() == 0 {
            return Some(Vec::new());
        }
        self.state.tree.charge(work::BLOCK);
        let mut reader = Reader(bytes);
        reader.u64()?;
        let count = reader.u16()?;
        let mut receipts = Vec::with_capacity(count as usize);
        for _ in 0..count {
            if self.work_left() == 0 {
                break;
            }
            let length = reader.u16()?;
            let transaction = reader.take(length as usize)?;
            receipts.push(self.transaction(transaction, Origin::Block));
        }
        self.session.block += 1;
        self.settle();
        Some(receipts)
    }

    /// Ends the batch and returns its commitment.
    pub fn close(&self, timestamp: u64) -> Commitment {
        Commitment {
            state_root: self.session.state_root,
            exit_root: self.session.record.exits.exit_root(),
            block: self.session.block,
            timestamp,
            messages_consumed: self.session.record.message_index,
            transactions: self.session.transactions,
            phase: self.session.phase,
        }
    }

    /// Returns the steps that blocks, or a sweep, may still use: zero when the batch is full or takes no blocks.
    pub fn work_left(&self) -> u64 {
        if self.session.message_only || self.session.phase != PHASE_OPEN {
            return 0;
        }
        self.budget_left()
    }

    pub fn budget_left(&self) -> u64 {
        self.session.work_limit.saturating_sub(self.state.tree.work())
    }

    /// Pays the fees out and computes the state root.
    fn settle(&mut self) {
        if !self.session.fees.is_zero() {
            let recipient = self.session.config.fee_recipient;
            let mut account = self.state.account(self.oracle, &recipient);
            account.coins = account.coins.saturating_add(&self.session.fees);
            self.state.set_account(self.oracle, &recipient, &account);
            self.session.fees = U256::ZERO;
        }
        self.session.tree_root = self.state.tree.root(self.oracle);
        self.session.state_root = self.session.record.publish(self.oracle, &self.session.tree_root);
        self.session.work = self.state.tree.work();
    }
}

/// Cuts one block off batch data. `None` when the data ends before the block does.
fn next_block<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let bytes = reader.0;
    reader.u64()?;
    let count = reader.u16()?;
    for _ in 0..count {
        let length = reader.u16()?;
        reader.take(length as usize)?;
    }
    Some(&bytes[..bytes.len() - reader.0.len()])
}

/// The program: from the hash of its input to the commitment of the state after the batch.
pub fn run<O: Oracle>(input_hash: &Hash, oracle: &O) -> Hash {
    run_in(&mut State::new(), input_hash, oracle)
}

/// As `run`, with nodes of earlier batches at hand. Returns zero for input that no hub produces.
pub fn run_in<O: Oracle>(state: &mut State, input_hash: &Hash, oracle: &O) -> Hash {
    let Some(Input { parent, header, config }) = Input::read(oracle, input_hash) else { return Hash::ZERO };
    let context = Context {
        parent,
        config,
        target: header.target,
        target_hash: header.target_hash,
        flags: header.flags,
    };
    let data = data::read(oracle, &header);
    let Some((mut run, _)) = Run::open(oracle, state, &context) else { return Hash::ZERO };
    let mut reader = Reader(&data);
    if reader.u8() == Some(DATA_VERSION) {
        while run.work_left() > 0 {
            let Some(bytes) = next_block(&mut reader) else { break };
            run.block(bytes);
        }
    }
    run.close(header.timestamp).publish(oracle)
}

/// Returns the commitment every rollup of this program starts from: nothing is owned, nothing has happened.
pub fn genesis(oracle: &impl Oracle) -> Hash {
    let record = Record::default();
    let commitment = Commitment {
        state_root: record.publish(oracle, &Hash::ZERO),
        exit_root: record.exits.exit_root(),
        block: 0,
        timestamp: 0,
        messages_consumed: 0,
        transactions: 0,
        phase: PHASE_OPEN,
    };
    commitment.publish(oracle)
}
