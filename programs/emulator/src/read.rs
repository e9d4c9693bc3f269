//! READ: where a program asks the world for preimages, precompiles and blob words.

use crate::host::{Host, LONGEST_PREIMAGE};
use crate::hot::{register, set_register};
use crate::keccak::{keccak256, Hash};
use crate::machine::{Machine, Outcome, Stop, Wanted, A0};
use crate::memory::{ADDRESS_SPACE, TEXT_END};

const BLOB_SIZE: u64 = 131_072;
const BLOB_WORDS: u64 = 4_096;

const LONGEST_INPUT: usize = 4_096;
const MOST_GAS: u32 = 3_000_000;
const LAST_PRECOMPILE: u16 = 5;
const MODEXP: u16 = 5;
const LONGEST_OPERAND: u16 = 1_024;

/// The answer to the last READ: programs read a preimage word by word.
pub(crate) struct Answer {
    kind: u64,
    key: Hash,
    /// the preimage itself (kind 0), or what the precompile gave (kind 2): None if it failed
    bytes: Option<Vec<u8>>,
}

impl Machine {
    /// Does what `ecall` with a7 = 1 does, except for moving pc on.
    pub(crate) fn read_word(&mut self, host: &mut impl Host) -> Result<(), Stop> {
        let (kind, key, offset, destination) = read_arguments()?;
        let (word, length) = match kind {
            1 => {
                let index = offset / 32;
                let opening =
                    if index < BLOB_WORDS { Some(self.blob_word(&key, index, host)?) } else { None };
                let mut word = [0; 32];
                if let Some(opening) = opening {
                    word.copy_from_slice(&opening[..32]);
                }
                (word, BLOB_SIZE)
            }
            _ => {
                self.find_answer(kind, &key, host)?;
                let bytes = self.answer.as_ref().and_then(|answer| answer.bytes.as_ref());
                bytes.map_or(([0; 32], u64::MAX), |bytes| (word_at(bytes, offset), bytes.len() as u64))
            }
        };
        self.memory.write(destination, &word);
        set_register(A0, length);
        Ok(())
    }

    fn blob_word(&mut self, key: &Hash, index: u64, host: &mut impl Host) -> Result<[u8; 128], Stop> {
        host.blob_word(key, index).ok_or_else(|| {
            self.wanted = Some(Wanted { kind: 1, key: *key, index });
            Stop::Host(Outcome::Missing)
        })
    }

    fn preimage(&mut self, kind: u64, key: &Hash, host: &mut impl Host) -> Result<Vec<u8>, Stop> {
        let refuse = match host.preimage(kind, key) {
            None => Outcome::Missing,
            Some(preimage) if keccak256(&preimage) != *key => Outcome::WrongPreimage,
            Some(preimage) if preimage.len() > LONGEST_PREIMAGE => Outcome::TooLong,
            Some(preimage) => return Ok(preimage),
        };
        self.wanted = Some(Wanted { kind, key: *key, index: 0 });
        Err(Stop::Host(refuse))
    }

    /// Makes `self.answer` the one for this key.
    fn find_answer(&mut self, kind: u64, key: &Hash, host: &mut impl Host) -> Result<(), Stop> {
        if self.answer.as_ref().is_some_and(|answer| answer.kind == kind && answer.key == *key) {
            return Ok(());
        }
        let preimage = self.preimage(kind, key, host)?;
        let bytes = if kind == 0 {
            Some(preimage)
        } else {
            let (address, gas, input) = parse_request(&preimage).ok_or(Stop::Error)?;
            host.precompile(address, gas, input)
        };
        self.answer = Some(Answer { kind, key: *key, bytes });
        Ok(())
    }

    /// Returns what the witness of a READ ends with.
    pub(crate) fn reading(
        &mut self,
        kind: u64,
        key: &Hash,
        offset: u64,
        host: &mut impl Host,
    ) -> Result<Vec<u8>, Stop> {
        if kind != 1 {
            return self.preimage(kind, key, host);
        }
        if offset / 32 >= BLOB_WORDS {
            return Ok(Vec::new());
        }
        Ok(self.blob_word(key, offset / 32, host)?.to_vec())
    }
}

/// Checks the registers of READ: kind, key, offset, destination.
pub(crate) fn read_arguments() -> Result<(u64, Hash, u64, u64), Stop> {
    let (kind, offset, destination) = (register(A0), register(A0 + 5), register(A0 + 6));
    let in_memory = (TEXT_END..ADDRESS_SPACE).contains(&destination);
    if kind > 2 || !offset.is_multiple_of(32) || !destination.is_multiple_of(32) || !in_memory {
        return Err(Stop::Error);
    }
    let mut key = [0; 32];
    for (index, bytes) in key.chunks_exact_mut(8).enumerate() {
        bytes.copy_from_slice(&register(A0 + 1 + index).to_le_bytes());
    }
    Ok((kind, key, offset, destination))
}

/// Returns the 32 bytes at `offset`, zero-padded.
fn word_at(bytes: &[u8], offset: u64) -> Hash {
    let mut word = [0; 32];
    if offset < bytes.len() as u64 {
        let rest = &bytes[offset as usize..];
        let length = rest.len().min(32);
        word[..length].copy_from_slice(&rest[..length]);
    }
    word
}

/// Splits `address u16 ‖ gas u32 ‖ input`; None when the request is outside the limits.
fn parse_request(preimage: &[u8]) -> Option<(u16, u32, &[u8])> {
    let (head, input) = preimage.split_at_checked(6)?;
    let address = u16::from_be_bytes([head[0], head[1]]);
    let gas = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
    let allowed = (1..=LAST_PRECOMPILE).contains(&address) && gas <= MOST_GAS && input.len() <= LONGEST_INPUT;
    let operands_fit = || {
        (0..3).all(|index| {
            let length = word_at(input, 32 * index);
            let (high, low) = length.split_at(30);
            high.iter().all(|&byte| byte == 0) && u16::from_be_bytes([low[0], low[1]]) <= LONGEST_OPERAND
        })
    };
    (allowed && (address != MODEXP || operands_fit())).then_some((address, gas, input))
}
