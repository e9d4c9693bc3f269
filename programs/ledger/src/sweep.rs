//! The end of a rollup: everything that anybody owns becomes an exit to its owner.

use crate::run::{Run, PHASE_SWEEPING, PHASE_SWEPT};
use crate::state::{kind, Asset, Holding};
use rollworks_sdk::exits::{ExitLeaf, FLAG_SWEEP};
use rollworks_sdk::{Address, Hash, Oracle, U256};

impl<O: Oracle> Run<'_, O> {
    /// Sweeps in path order until nothing is left or the batch is full. What is swept leaves the tree, so the tree is
    /// the cursor: a balance and an exit for it never stand side by side.
    pub(crate) fn sweep(&mut self) {
        self.session.phase = PHASE_SWEEPING;
        while self.budget_left() > 0 {
            match self.state.take_first_holding(self.oracle) {
                None => {
                    self.session.phase = PHASE_SWEPT;
                    return;
                }
                Some(Holding::Account(owner, account)) => {
                    let coin = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
                    self.send_home(&owner, &coin, account.coins);
                }
                Some(Holding::Balance(owner, asset, amount)) => {
                    self.send_home(&owner, &asset, amount);
                }
                Some(Holding::Nft(holder, asset)) => {
                    self.send_home(&holder, &asset, U256::ONE);
                }
            }
        }
    }

    fn send_home(&mut self, owner: &Address, asset: &Asset, amount: U256) {
        if amount.is_zero() {
            return;
        }
        let metadata_hash = self.metadata_hash(asset);
        self.append_exit(&ExitLeaf {
            flags: FLAG_SWEEP,
            kind: asset.kind,
            target_rollup: 0,
            token: asset.token,
            id: asset.id,
            amount,
            sender: *owner,
            to: *owner,
            fallback_to: *owner,
            metadata_hash,
            data_hash: Hash::ZERO,
        });
    }
}
