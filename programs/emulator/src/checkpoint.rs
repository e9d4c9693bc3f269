//! States that are kept, to go back to.

use crate::hot::{register, set_register};
use crate::machine::Machine;
use crate::memory::Snapshot;

pub(crate) struct Checkpoint {
    pages: Snapshot,
    registers: [u64; 32],
    pc: u64,
    steps: u64,
}

impl Machine {
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
