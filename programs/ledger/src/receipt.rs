//! What became of a transaction or message.

use rollworks_sdk::{Address, Hash};

/// Applied, or the first check that failed. Numbers are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Status {
    Applied = 0,
    Malformed = 1,
    BadSignature = 2,
    WrongNonce = 3,
    FeeTooHigh = 4,
    InsufficientCoin = 5,
    InsufficientBalance = 6,
    NotHolder = 7,
    UnknownAsset = 8,
    NotMinter = 9,
    SupplyExceeded = 10,
    Overflow = 11,
    WrongAmount = 12,
    WrongId = 13,
    WrongRecipient = 14,
    NotCreator = 15,
    TextTooLong = 16,
    Frozen = 17,
    AboveMessageGas = 18,
    UnknownMessage = 19,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub status: Status,
    /// [L2 gas]; zero for what was skipped, and for deposits.
    pub gas: u32,
    /// The signer or L1 sender; zero if it isn't known.
    pub sender: Address,
    /// Token created, first NFT id, or index of the exit.
    pub output: Hash,
}

impl Receipt {
    pub const LENGTH: usize = 57;

    pub fn skipped(status: Status, sender: Address) -> Receipt {
        Receipt { status, gas: 0, sender, output: Hash::ZERO }
    }

    pub fn encode(&self) -> [u8; Receipt::LENGTH] {
        let mut bytes = [0; Receipt::LENGTH];
        bytes[0] = self.status as u8;
        bytes[1..5].copy_from_slice(&self.gas.to_be_bytes());
        bytes[5..25].copy_from_slice(&self.sender.0);
        bytes[25..].copy_from_slice(&self.output.0);
        bytes
    }
}
