use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use rollworks_sdk::oracle::precompile_key;
use rollworks_sdk::{keccak256, Hash, Oracle, Output, Preimage};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// An oracle over a map, with precompile 1 in software.
#[derive(Default)]
pub struct Host {
    /// What the settlement chain charges for a recovery [gas].
    pub recovery_price: u32,
    pub preimages: RefCell<HashMap<[u8; 32], Vec<u8>>>,
    /// Leaves by the order of their publication, with their index.
    pub exits: RefCell<Vec<(u64, Vec<u8>)>>,
    pub recoveries: RefCell<usize>,
    /// Precompile keys' preimages and hashes read since the last clearing, each once.
    pub keys: RefCell<BTreeSet<Vec<u8>>>,
    pub reads: RefCell<BTreeSet<[u8; 32]>>,
}

impl Host {
    pub fn keep(&self, bytes: &[u8]) -> Hash {
        let hash = keccak256(bytes);
        self.preimages.borrow_mut().insert(hash.0, bytes.to_vec());
        hash
    }

    pub fn preimage(&self, hash: &Hash) -> Vec<u8> {
        self.preimages.borrow().get(&hash.0).cloned().unwrap_or_else(|| panic!("no preimage of {hash:?}"))
    }
}

impl Oracle for Host {
    fn read(&self, hash: &Hash, out: &mut Preimage) {
        self.reads.borrow_mut().insert(hash.0);
        out.fill(&self.preimage(hash));
    }

    fn precompile(&self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>> {
        assert_eq!((address, input.len()), (1, 128));
        self.keys.borrow_mut().insert(precompile_key(address, gas, input));
        *self.recoveries.borrow_mut() += 1;
        (gas >= self.recovery_price).then(|| recover(input).unwrap_or_default())
    }

    fn publish(&self, kind: Output, bytes: &[u8]) {
        match kind {
            Output::Preimage => {
                self.keep(bytes);
            }
            Output::Exit => {
                let index = u64::from_be_bytes(bytes[..8].try_into().unwrap());
                self.exits.borrow_mut().push((index, bytes[8..].to_vec()));
            }
            Output::PrecompileKey => {}
        }
    }
}

/// ecrecover as the EVM has it: no output when there is no key.
fn recover(input: &[u8]) -> Option<Vec<u8>> {
    let odd = input[63].checked_sub(27).filter(|odd| *odd < 2)?;
    let signature = Signature::from_slice(&input[64..]).ok()?;
    let key = VerifyingKey::recover_from_prehash(&input[..32], &signature, RecoveryId::new(odd == 1, false))
        .ok()?;
    let mut word = keccak256(&key.to_encoded_point(false).as_bytes()[1..]).0;
    word[..12].fill(0);
    Some(word.to_vec())
}
