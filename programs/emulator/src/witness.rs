//! What proves a step to somebody who has only the state's hash.

use crate::decode::immediate;
use crate::host::Host;
use crate::hot::register;
use crate::machine::{Machine, Outcome, Stop, A7, CALL_READ};
use crate::memory::{ADDRESS_SPACE, TEXT_END};
use crate::read::read_arguments;

const TEXT_LEVELS: usize = 16;
const MEMORY_LEVELS: usize = 27;

impl Machine {
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
}
