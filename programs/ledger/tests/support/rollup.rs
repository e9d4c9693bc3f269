use super::encode::{self, HeaderFields};
use super::Host;
use ledger::receipt::Receipt;
use ledger::run::{genesis, run, Context, Run};
use ledger::state::State;
use rollworks_sdk::input::{Commitment, Config};
use rollworks_sdk::{keccak256, Address, Hash};

/// What a batch came to.
pub struct Posted {
    pub commitment: Commitment,
    pub messages: Vec<Receipt>,
    /// Receipts of each block.
    pub blocks: Vec<Vec<Receipt>>,
    pub input_hash: Hash,
    /// Steps on the meter at the end.
    pub work: u64,
}

/// A rollup whose batches are posted to nobody, but run in both ways.
pub struct Rollup {
    pub host: Host,
    pub config: Config,
    pub parent: Hash,
    pub index: u64,
    /// Message chain: count and head.
    pub target: u64,
    pub head: Hash,
    /// Kept warm from batch to batch, as a node does.
    pub state: State,
}

pub const CHAIN: u64 = (1 << 51) + 7;
pub const FEE_RECIPIENT: Address = Address([0xfe; 20]);

impl Rollup {
    pub fn new() -> Rollup {
        let host = Host::default();
        let parent = genesis(&host);
        let config = Config {
            l2_chain_id: CHAIN,
            batch_gas: 400_000,
            message_gas: 1_000,
            message_bound: 64,
            log2_steps: 33,
            fee_recipient: FEE_RECIPIENT,
            gas_price: 10,
        };
        Rollup { host, config, parent, index: 0, target: 0, head: Hash::ZERO, state: State::new() }
    }

    /// Appends to the message chain.
    pub fn message(&mut self, bytes: &[u8]) {
        let message = self.host.keep(bytes);
        let mut link = self.head.0.to_vec();
        link.extend(message.0);
        self.head = self.host.keep(&link);
        self.target += 1;
    }

    /// Stores data as the calldata layer does and returns its commitment.
    pub fn store(&self, data: &[u8]) -> Hash {
        let list: Vec<u8> = data.chunks(4096).flat_map(|chunk| self.host.keep(chunk).0).collect();
        if list.is_empty() {
            return keccak256(b"");
        }
        self.host.keep(&list)
    }

    /// Posts a batch that consumes every message, asserts that `run` and open, block …, close agree, and goes on from
    /// its commitment.
    pub fn batch(&mut self, blocks: &[Vec<u8>], flags: u8) -> Posted {
        let mut data = vec![1];
        data.extend(blocks.concat());
        self.batch_of(&data, blocks, flags)
    }

    /// As `batch`, with data of which `blocks` are the part that should be executed.
    pub fn batch_of(&mut self, data: &[u8], blocks: &[Vec<u8>], flags: u8) -> Posted {
        let fields = HeaderFields {
            flags,
            index: self.index,
            target: self.target,
            data_commitment: self.store(data),
            target_hash: self.head,
            timestamp: 1_000 + self.index,
        };
        let header = self.host.keep(&encode::header(&fields));
        let config = self.host.keep(&encode::config(&self.config));
        let mut words = Vec::new();
        for word in [Hash::from_u64(1), Hash::from_u64(2), Hash::from_u64(3), Hash::from_u64(self.index)] {
            words.extend(word.0);
        }
        for word in [self.parent, header, config] {
            words.extend(word.0);
        }
        let input_hash = self.host.keep(&words);

        let context = Context {
            parent: self.parent,
            config: self.config,
            target: fields.target,
            target_hash: fields.target_hash,
            flags,
        };
        let (mut batch, messages) = Run::open(&self.host, &mut self.state, &context).unwrap();
        let mut receipts = Vec::new();
        for block in blocks {
            if batch.work_left() == 0 {
                break;
            }
            receipts.push(batch.block(block).unwrap());
        }
        let commitment = batch.close(fields.timestamp);
        let work = self.state.tree.work();
        let cold = run(&input_hash, &self.host);
        assert_eq!(cold, keccak256(&commitment.encode()), "run and open, block, close agree");
        self.parent = cold;
        self.index += 1;
        Posted { commitment, messages, blocks: receipts, input_hash, work }
    }
}
