//! The machine: its state, one step by the book, and runs.

use crate::arithmetic::*;
use crate::decode::{immediate, predecode, Text};
use crate::elf;
use crate::fast;
use crate::host::{Host, LONGEST_PREIMAGE};
use crate::hot::{register, set_register};
use crate::keccak::{keccak256, Hash};
use crate::memory::{Memory, Snapshot, ADDRESS_SPACE, TEXT_END};

/// The pc of a machine that has ended well.
pub const EXIT: u64 = u64::MAX;
/// The pc of a machine that has stopped on an error.
pub const ERROR: u64 = u64::MAX - 1;

pub const STATE_SIZE: usize = 288;
const TEXT_LEVELS: usize = 16;
const MEMORY_LEVELS: usize = 27;

const A0: usize = 10;
const A7: usize = 17;
const CALL_READ: u64 = 1;
const CALL_EXIT: u64 = 93;
const BLOB_SIZE: u64 = 131_072;
const BLOB_WORDS: u64 = 4_096;

/// Why a run came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Outcome {
    /// the step asked for is reached
    Reached = 0,
    Exit = 1,
    Error = 2,
    /// the host doesn't know what the next step reads; `Machine::wanted` says what. The state is the one before that step
    Missing = 3,
    /// the next step reads a preimage longer than any witness may carry; otherwise as above
    TooLong = 4,
    /// the host's preimage doesn't hash to its key; otherwise as above
    WrongPreimage = 5,
}

/// What READ asked for and the host didn't have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    pub kind: u64,
    pub key: Hash,
    pub index: u64,
}

#[derive(Clone, Copy)]
pub struct Identity {
    pub code_root: Hash,
    pub memory_root: Hash,
    pub entry: u64,
}

impl Identity {
    pub fn program_hash(&self) -> Hash {
        let mut bytes = [0; 96];
        bytes[..32].copy_from_slice(&self.code_root);
        bytes[32..64].copy_from_slice(&self.memory_root);
        bytes[88..].copy_from_slice(&self.entry.to_be_bytes());
        keccak256(&bytes)
    }
}

struct Checkpoint {
    pages: Snapshot,
    registers: [u64; 32],
    pc: u64,
    steps: u64,
}

/// Why a step didn't lead to an ordinary state.
enum Stop {
    Error,
    Host(Outcome),
}

/// The answer to the last READ: programs read a preimage word by word.
struct Answer {
    kind: u64,
    key: Hash,
    /// the preimage itself (kind 0), or what the precompile gave (kind 2): None if it failed
    bytes: Option<Vec<u8>>,
}

pub struct Machine {
    memory: Memory,
    pc: u64,
    steps: u64,
    text: Text,
    identity: Identity,
    image: Option<Snapshot>,
    checkpoints: Vec<Option<Checkpoint>>,
    answer: Option<Answer>,
    wanted: Option<Wanted>,
}

impl Machine {
    /// Loads a program; the machine stands before its first step, with zero registers.
    pub fn new(file: &[u8]) -> Result<Machine, String> {
        let mut memory = Memory::new();
        let entry = elf::load(file, &mut memory)?;
        // From here on the text has no entry in the write table: `root` clears it and stores below TEXT_END err.
        let memory_root = memory.root();
        let identity = Identity { code_root: memory.code_root(), memory_root, entry };
        let mut bytes = vec![0; TEXT_END as usize];
        memory.read(0, &mut bytes);
        let mut words: Vec<u32> = bytes
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
            .collect();
        while words.last() == Some(&0) {
            words.pop();
        }
        let image = Some(memory.snapshot());
        let mut machine = Machine {
            memory,
            pc: entry,
            steps: 0,
            text: predecode(&words),
            identity,
            image,
            checkpoints: Vec::new(),
            answer: None,
            wanted: None,
        };
        machine.boot(&[0; 32]);
        Ok(machine)
    }

    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Puts the program's initial state back and hands it its input.
    pub fn boot(&mut self, input: &Hash) {
        let image = self.image.take().expect("the image is only taken here");
        self.memory.restore(&image);
        self.image = Some(image);
        for index in 1..32 {
            set_register(index, 0);
        }
        for (index, bytes) in input.chunks_exact(8).enumerate() {
            set_register(A0 + index, u64::from_le_bytes(bytes.try_into().expect("eight bytes")));
        }
        self.pc = self.identity.entry;
        self.steps = 0;
        self.wanted = None;
    }

    pub fn pc(&self) -> u64 {
        self.pc
    }

    /// Returns the steps made since boot; a halted machine makes none.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn wanted(&self) -> Option<Wanted> {
        self.wanted
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Sets pc and x1 … x31, for tests of single steps.
    pub fn set_registers(&mut self, pc: u64, registers: &[u64; 31]) {
        self.pc = pc;
        for (index, &value) in registers.iter().enumerate() {
            set_register(index + 1, value);
        }
    }

    fn halt(&self) -> Option<Outcome> {
        match self.pc {
            EXIT => Some(Outcome::Exit),
            ERROR => Some(Outcome::Error),
            _ => None,
        }
    }

    /// Runs until `to` steps have been made since boot, or the program ends, or the host has no answer.
    pub fn run(&mut self, to: u64, host: &mut impl Host) -> Outcome {
        self.wanted = None;
        loop {
            if let Some(outcome) = self.halt() {
                return outcome;
            }
            if self.steps >= to {
                return Outcome::Reached;
            }
            let steps = (to - self.steps).min(fast::MOST_STEPS);
            let predecoded = self.pc.is_multiple_of(4) && self.pc < 4 * self.text.operations.len() as u64;
            if predecoded && steps >= self.text.longest_run as u64 {
                let (pc, made) = fast::run(&self.text, self.pc, steps);
                self.pc = pc;
                self.steps += made;
                if made == steps {
                    continue;
                }
            }
            if let Err(outcome) = self.step(host) {
                return outcome;
            }
        }
    }

    /// Makes one step of a machine that isn't halted.
    fn step(&mut self, host: &mut impl Host) -> Result<(), Outcome> {
        match self.execute(host) {
            Ok(()) => {}
            Err(Stop::Error) => {
                self.pc = ERROR;
                for index in A0..A0 + 4 {
                    set_register(index, 0);
                }
            }
            Err(Stop::Host(outcome)) => return Err(outcome),
        }
        self.steps += 1;
        Ok(())
    }

    fn fetch(&self) -> Result<u32, Stop> {
        if self.pc >= TEXT_END || !self.pc.is_multiple_of(4) {
            return Err(Stop::Error);
        }
        Ok(self.memory.load(self.pc, 4) as u32)
    }

    fn execute(&mut self, host: &mut impl Host) -> Result<(), Stop> {
        let word = self.fetch()?;
        let (rd, rs1, rs2) =
            ((word >> 7 & 31) as usize, (word >> 15 & 31) as usize, (word >> 20 & 31) as usize);
        let (funct3, funct7) = (word >> 12 & 7, word >> 25);
        let (a, b) = (register(rs1), register(rs2));
        let next = self.pc + 4;
        let mut target = next;
        let result = match word & 0x7f {
            0x37 => Some(immediate::u(word) as u64),
            0x17 => Some(self.pc.wrapping_add(immediate::u(word) as u64)),
            0x6f => {
                target = self.pc.wrapping_add(immediate::j(word) as u64);
                Some(next)
            }
            0x67 if funct3 == 0 => {
                target = a.wrapping_add(immediate::i(word) as u64) & !1;
                Some(next)
            }
            0x63 => {
                let taken = match funct3 {
                    0 => a == b,
                    1 => a != b,
                    4 => (a as i64) < b as i64,
                    5 => a as i64 >= b as i64,
                    6 => a < b,
                    7 => a >= b,
                    _ => return Err(Stop::Error),
                };
                if taken {
                    target = self.pc.wrapping_add(immediate::b(word) as u64);
                }
                None
            }
            0x03 => Some(self.load_from(funct3, a.wrapping_add(immediate::i(word) as u64))?),
            0x23 => {
                self.store_to(funct3, a.wrapping_add(immediate::s(word) as u64), b)?;
                None
            }
            0x13 => Some(compute_immediate(word, funct3, a)?),
            0x1b => Some(compute_immediate_32(word, funct3, funct7, a)?),
            0x33 => Some(compute(funct7, funct3, a, b)?),
            0x3b => Some(compute_32(funct7, funct3, a, b)?),
            0x0f if funct3 <= 1 => None,
            0x73 if word == 0x73 => match register(A7) {
                CALL_EXIT => {
                    self.pc = EXIT;
                    return Ok(());
                }
                CALL_READ => {
                    self.read_word(host)?;
                    None
                }
                _ => return Err(Stop::Error),
            },
            _ => return Err(Stop::Error),
        };
        if !target.is_multiple_of(4) {
            return Err(Stop::Error);
        }
        if let Some(value) = result {
            set_register(rd, value);
        }
        self.pc = target;
        Ok(())
    }

    fn load_from(&self, funct3: u32, address: u64) -> Result<u64, Stop> {
        let size = 1u64 << (funct3 & 3);
        if funct3 == 7 || address >= ADDRESS_SPACE || !address.is_multiple_of(size) {
            return Err(Stop::Error);
        }
        let value = self.memory.load(address, size as usize);
        Ok(match funct3 {
            0 => value as i8 as u64,
            1 => value as i16 as u64,
            2 => value as i32 as u64,
            _ => value,
        })
    }

    fn store_to(&mut self, funct3: u32, address: u64, value: u64) -> Result<(), Stop> {
        let size = 1u64 << (funct3 & 3);
        if funct3 > 3 || !(TEXT_END..ADDRESS_SPACE).contains(&address) || !address.is_multiple_of(size) {
            return Err(Stop::Error);
        }
        self.memory.write(address, &value.to_le_bytes()[..size as usize]);
        Ok(())
    }

    /// Does what `ecall` with a7 = 1 does, except for moving pc on.
    fn read_word(&mut self, host: &mut impl Host) -> Result<(), Stop> {
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

    /// Returns the 288 bytes that the state hash is the hash of.
    pub fn state(&mut self) -> [u8; STATE_SIZE] {
        let mut state = [0; STATE_SIZE];
        state[..32].copy_from_slice(&self.memory.root());
        state[32..40].copy_from_slice(&self.pc.to_be_bytes());
        for index in 1..32 {
            state[32 + 8 * index..40 + 8 * index].copy_from_slice(&register(index).to_be_bytes());
        }
        state
    }

    pub fn state_hash(&mut self) -> Hash {
        keccak256(&self.state())
    }

    /// Returns what proves the next step: the layout of docs/encodings/machine.md.
    pub fn witness(&mut self, host: &mut impl Host) -> Result<Vec<u8>, Outcome> {
        self.wanted = None;
        let mut witness = self.state().to_vec();
        if self.halt().is_some() {
            return Ok(witness);
        }
        let Ok(word) = self.fetch() else {
            return Ok(witness);
        };
        self.memory.proof(self.pc, TEXT_LEVELS, &mut witness);
        let a = register((word >> 15 & 31) as usize);
        let funct3 = word >> 12 & 7;
        match word & 0x7f {
            0x03 => {
                let address = a.wrapping_add(immediate::i(word) as u64);
                if self.load_from(funct3, address).is_ok() {
                    self.memory.proof(address, MEMORY_LEVELS, &mut witness);
                }
            }
            0x23 => {
                let address = a.wrapping_add(immediate::s(word) as u64);
                let aligned = address.is_multiple_of(1 << (funct3 & 3));
                if funct3 <= 3 && aligned && (TEXT_END..ADDRESS_SPACE).contains(&address) {
                    self.memory.proof(address, MEMORY_LEVELS, &mut witness);
                }
            }
            0x73 if word == 0x73 && register(A7) == CALL_READ => {
                if let Ok((kind, key, offset, destination)) = read_arguments() {
                    self.memory.proof(destination, MEMORY_LEVELS, &mut witness);
                    match self.reading(kind, &key, offset, host) {
                        Ok(bytes) => witness.extend_from_slice(&bytes),
                        Err(Stop::Host(outcome)) => return Err(outcome),
                        Err(Stop::Error) => unreachable!("finding bytes for a witness calls no precompile"),
                    }
                }
            }
            _ => {}
        }
        Ok(witness)
    }

    /// Returns what the witness of a READ ends with.
    fn reading(&mut self, kind: u64, key: &Hash, offset: u64, host: &mut impl Host) -> Result<Vec<u8>, Stop> {
        if kind != 1 {
            return self.preimage(kind, key, host);
        }
        if offset / 32 >= BLOB_WORDS {
            return Ok(Vec::new());
        }
        Ok(self.blob_word(key, offset / 32, host)?.to_vec())
    }

    /// Keeps the present state and returns its number.
    pub fn checkpoint(&mut self) -> usize {
        let registers = core::array::from_fn(register);
        let checkpoint =
            Checkpoint { pages: self.memory.snapshot(), registers, pc: self.pc, steps: self.steps };
        let free = self.checkpoints.iter().position(Option::is_none);
        let number = free.unwrap_or_else(|| {
            self.checkpoints.push(None);
            self.checkpoints.len() - 1
        });
        self.checkpoints[number] = Some(checkpoint);
        number
    }

    /// Goes back (or forward) to a kept state. Returns false if there is none of that number.
    pub fn restore(&mut self, number: usize) -> bool {
        let Some(Some(checkpoint)) = self.checkpoints.get(number) else {
            return false;
        };
        self.memory.restore(&checkpoint.pages);
        for (index, &value) in checkpoint.registers.iter().enumerate() {
            set_register(index, value);
        }
        (self.pc, self.steps) = (checkpoint.pc, checkpoint.steps);
        self.wanted = None;
        true
    }

    /// Forgets a kept state. Returns false if there is none of that number.
    pub fn forget(&mut self, number: usize) -> bool {
        let Some(checkpoint) = self.checkpoints.get_mut(number).and_then(Option::take) else {
            return false;
        };
        self.memory.forget(checkpoint.pages);
        true
    }
}

/// Checks the registers of READ: kind, key, offset, destination.
fn read_arguments() -> Result<(u64, Hash, u64, u64), Stop> {
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

const LONGEST_INPUT: usize = 4_096;
const MOST_GAS: u32 = 3_000_000;
const LAST_PRECOMPILE: u16 = 5;
const MODEXP: u16 = 5;
const LONGEST_OPERAND: u16 = 1_024;

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

fn compute_immediate(word: u32, funct3: u32, a: u64) -> Result<u64, Stop> {
    let b = immediate::i(word) as u64;
    let shift = word >> 20 & 63;
    Ok(match (funct3, word >> 26) {
        (0, _) => a.wrapping_add(b),
        (1, 0x00) => a << shift,
        (2, _) => ((a as i64) < b as i64) as u64,
        (3, _) => (a < b) as u64,
        (4, _) => a ^ b,
        (5, 0x00) => a >> shift,
        (5, 0x10) => (a as i64 >> shift) as u64,
        (6, _) => a | b,
        (7, _) => a & b,
        _ => return Err(Stop::Error),
    })
}

fn compute_immediate_32(word: u32, funct3: u32, funct7: u32, a: u64) -> Result<u64, Stop> {
    let shift = word >> 20 & 31;
    Ok(match (funct3, funct7) {
        (0, _) => sext32(a.wrapping_add(immediate::i(word) as u64)),
        (1, 0x00) => sext32(a << shift),
        (5, 0x00) => sext32((a as u32 >> shift) as u64),
        (5, 0x20) => (a as i32 >> shift) as u64,
        _ => return Err(Stop::Error),
    })
}

fn compute(funct7: u32, funct3: u32, a: u64, b: u64) -> Result<u64, Stop> {
    let shift = b & 63;
    Ok(match (funct7, funct3) {
        (0x00, 0) => a.wrapping_add(b),
        (0x20, 0) => a.wrapping_sub(b),
        (0x00, 1) => a << shift,
        (0x00, 2) => ((a as i64) < b as i64) as u64,
        (0x00, 3) => (a < b) as u64,
        (0x00, 4) => a ^ b,
        (0x00, 5) => a >> shift,
        (0x20, 5) => (a as i64 >> shift) as u64,
        (0x00, 6) => a | b,
        (0x00, 7) => a & b,
        (0x01, 0) => a.wrapping_mul(b),
        (0x01, 1) => mulh(a, b),
        (0x01, 2) => mulhsu(a, b),
        (0x01, 3) => mulhu(a, b),
        (0x01, 4) => div(a, b),
        (0x01, 5) => divu(a, b),
        (0x01, 6) => rem(a, b),
        (0x01, 7) => remu(a, b),
        _ => return Err(Stop::Error),
    })
}

fn compute_32(funct7: u32, funct3: u32, a: u64, b: u64) -> Result<u64, Stop> {
    let shift = b & 31;
    Ok(match (funct7, funct3) {
        (0x00, 0) => sext32(a.wrapping_add(b)),
        (0x20, 0) => sext32(a.wrapping_sub(b)),
        (0x00, 1) => sext32(a << shift),
        (0x00, 5) => sext32((a as u32 >> shift) as u64),
        (0x20, 5) => (a as i32 >> shift) as u64,
        (0x01, 0) => sext32(a.wrapping_mul(b)),
        (0x01, 4) => divw(a, b),
        (0x01, 5) => divuw(a, b),
        (0x01, 6) => remw(a, b),
        (0x01, 7) => remuw(a, b),
        _ => return Err(Stop::Error),
    })
}
