//! The machine: its state, one step by the book, and runs.

use crate::checkpoint::Checkpoint;
use crate::compute::{compute, compute_32, compute_immediate, compute_immediate_32};
use crate::decode::{immediate, predecode, Text};
use crate::elf;
use crate::fast;
use crate::host::Host;
use crate::hot::{register, set_register};
use crate::keccak::{keccak256, Hash};
use crate::memory::{Memory, Snapshot, ADDRESS_SPACE, TEXT_END};
use crate::read::Answer;

/// The pc of a machine that has ended well.
pub const EXIT: u64 = u64::MAX;
/// The pc of a machine that has stopped on an error.
pub const ERROR: u64 = u64::MAX - 1;

pub const STATE_SIZE: usize = 288;

pub(crate) const A0: usize = 10;
pub(crate) const A7: usize = 17;
pub(crate) const CALL_READ: u64 = 1;
const CALL_EXIT: u64 = 93;

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

/// Why a step didn't lead to an ordinary state.
pub(crate) enum Stop {
    Error,
    Host(Outcome),
}

pub struct Machine {
    pub(crate) memory: Memory,
    pub(crate) pc: u64,
    pub(crate) steps: u64,
    text: Text,
    identity: Identity,
    image: Option<Snapshot>,
    pub(crate) checkpoints: Vec<Option<Checkpoint>>,
    pub(crate) answer: Option<Answer>,
    pub(crate) wanted: Option<Wanted>,
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

    pub(crate) fn halt(&self) -> Option<Outcome> {
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

    pub(crate) fn fetch(&self) -> Result<u32, Stop> {
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

    pub(crate) fn load_from(&self, funct3: u32, address: u64) -> Result<u64, Stop> {
        let size = 1u64 << (funct3 & 3);
        if funct3 == 7 || address >= ADDRESS_SPACE || !address.is_multiple_of(size) {
            return Err(Stop::Error);
        }
        self.memory.prepare_read(address);
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
}
