//! The input of a run and its output: every field a program needs of `docs/encodings.md`.

use crate::bytes::{Address, Hash, Reader};
use crate::keccak::keccak256;
use crate::oracle::{Oracle, Output, Preimage};

pub const FLAG_MESSAGE_ONLY: u8 = 1;
pub const FLAG_SWEEP: u8 = 2;

/// READ kind of data held as chunks of a keccak list.
pub const KIND_CALLDATA: u8 = 0;

/// What the input hash binds together.
pub struct Input {
    pub parent: Hash,
    pub header: Header,
    pub config: Config,
}

impl Input {
    /// Reads everything behind an input hash. `None` when the layout is not ours, which no hub produces.
    pub fn read(oracle: &impl Oracle, input_hash: &Hash) -> Option<Input> {
        let mut buffer = Preimage::new();
        oracle.read(input_hash, &mut buffer);
        let mut words = Reader(&buffer);
        words.take(4 * 32)?;
        let parent = words.hash()?;
        let header_hash = words.hash()?;
        let config_hash = words.hash()?;
        oracle.read(&header_hash, &mut buffer);
        let header = Header::decode(&buffer)?;
        oracle.read(&config_hash, &mut buffer);
        let config = Config::decode(&buffer)?;
        Some(Input { parent, header, config })
    }
}

/// What the poster and the hub say about one batch.
pub struct Header {
    pub read_kind: u8,
    pub flags: u8,
    /// Head of the message chain to consume up to.
    pub target: u64,
    pub target_hash: Hash,
    pub data_commitment: Hash,
    pub timestamp: u64,
}

impl Header {
    pub fn decode(bytes: &[u8]) -> Option<Header> {
        let mut reader = Reader(bytes);
        reader.take(20)?;
        let read_kind = reader.u8()?;
        let flags = reader.u8()?;
        reader.take(2 + 8 + 20 + 4)?;
        let target = reader.u64()?;
        let data_commitment = reader.hash()?;
        let target_hash = reader.hash()?;
        reader.take(32 + 16 + 8)?;
        let timestamp = reader.u64()?;
        Some(Header { read_kind, flags, target, target_hash, data_commitment, timestamp })
    }
}

/// What the rollup's record says, pinned per batch.
#[derive(Clone, Copy)]
pub struct Config {
    pub l2_chain_id: u64,
    /// Work of one batch's blocks [L2 gas].
    pub batch_gas: u64,
    /// Gas of one forced transaction or call, at most.
    pub message_gas: u32,
    /// Messages consumed per batch, at most.
    pub message_bound: u16,
    /// A run has 2^log2_steps steps.
    pub log2_steps: u8,
    pub fee_recipient: Address,
    /// [wei per L2 gas], 96 bits
    pub gas_price: u128,
}

impl Config {
    pub const LENGTH: usize = 192;

    pub fn decode(bytes: &[u8]) -> Option<Config> {
        let mut reader = Reader(bytes);
        reader.take(32)?;
        let l2_chain_id = reader.u64()?;
        let batch_gas = reader.u64()?;
        let message_gas = reader.u32()?;
        let message_bound = reader.u16()?;
        let log2_steps = reader.u8()?;
        reader.take(9 + 64)?;
        let fee_recipient = reader.address()?;
        let mut price = [0; 16];
        price[4..].copy_from_slice(reader.take(12)?);
        reader.take(32)?;
        let gas_price = u128::from_be_bytes(price);
        Some(Config {
            l2_chain_id,
            batch_gas,
            message_gas,
            message_bound,
            log2_steps,
            fee_recipient,
            gas_price,
        })
    }
}

/// What a run claims: the state after a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commitment {
    pub state_root: Hash,
    pub exit_root: Hash,
    pub block: u64,
    pub timestamp: u64,
    pub messages_consumed: u64,
    /// Applied transactions, cumulative, below 2^56.
    pub transactions: u64,
    pub phase: u8,
}

impl Commitment {
    pub const LENGTH: usize = 96;

    pub fn encode(&self) -> [u8; Commitment::LENGTH] {
        let mut bytes = [0; Commitment::LENGTH];
        bytes[..32].copy_from_slice(&self.state_root.0);
        bytes[32..64].copy_from_slice(&self.exit_root.0);
        bytes[64..72].copy_from_slice(&self.block.to_be_bytes());
        bytes[72..80].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[80..88].copy_from_slice(&self.messages_consumed.to_be_bytes());
        bytes[88..95].copy_from_slice(&self.transactions.to_be_bytes()[1..]);
        bytes[95] = self.phase;
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<Commitment> {
        let mut reader = Reader(bytes);
        let state_root = reader.hash()?;
        let exit_root = reader.hash()?;
        let block = reader.u64()?;
        let timestamp = reader.u64()?;
        let messages_consumed = reader.u64()?;
        let last = reader.u64()?;
        let (transactions, phase) = (last >> 8, last as u8);
        reader.is_empty().then_some(Commitment {
            state_root,
            exit_root,
            block,
            timestamp,
            messages_consumed,
            transactions,
            phase,
        })
    }

    pub fn read(oracle: &impl Oracle, hash: &Hash) -> Option<Commitment> {
        let mut buffer = Preimage::new();
        oracle.read(hash, &mut buffer);
        Commitment::decode(&buffer)
    }

    /// Publishes the preimage and returns its hash.
    pub fn publish(&self, oracle: &impl Oracle) -> Hash {
        let bytes = self.encode();
        oracle.publish(Output::Preimage, &bytes);
        keccak256(&bytes)
    }
}
