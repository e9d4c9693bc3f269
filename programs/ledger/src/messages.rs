//! Messages from L1, which no sequencer can keep out.

use crate::execute::Origin;
use crate::receipt::{Receipt, Status};
use crate::run::Run;
use crate::state::{kind, Asset};
use crate::work;
use alloc::vec::Vec;
use rollworks_sdk::messages::{self, Deposit, Message, KIND_CALL, KIND_DEPOSIT, KIND_FORCED};
use rollworks_sdk::{Hash, Oracle, Preimage};

impl<O: Oracle> Run<'_, O> {
    /// Consumes what waits up to the target, within the bound and the run's budget for messages.
    pub(crate) fn consume(&mut self, target: u64, target_hash: Hash) -> Vec<Receipt> {
        let cursor = (self.session.record.message_index, self.session.record.message_hash);
        let bound = self.session.config.message_bound;
        let budget = work::message_budget(self.session.config.log2_steps);
        let mut receipts = Vec::new();
        let mut message = Preimage::new();
        for link in messages::waiting(self.oracle, cursor, (target, target_hash), bound) {
            if self.state.tree.work() >= budget {
                break;
            }
            self.state.tree.charge(work::MESSAGE);
            self.oracle.read(&link.message, &mut message);
            receipts.push(self.message(&message));
            self.session.record.message_index += 1;
            self.session.record.message_hash = link.head;
        }
        receipts
    }

    fn message(&mut self, bytes: &[u8]) -> Receipt {
        let Some(message) = Message::decode(bytes) else {
            return Receipt::skipped(Status::UnknownMessage, Default::default());
        };
        match message.kind {
            KIND_DEPOSIT => {
                let status = self.deposit(message.body);
                Receipt::skipped(status, message.sender)
            }
            KIND_FORCED => self.transaction(message.body, Origin::Forced),
            KIND_CALL => self.transaction(message.body, Origin::Call(message.sender)),
            _ => Receipt::skipped(Status::UnknownMessage, message.sender),
        }
    }

    /// Credits whatever the bridge took in. Its call data is of no use here: no code lives in a ledger.
    fn deposit(&mut self, body: &[u8]) -> Status {
        let Some(deposit) = Deposit::decode(body) else { return Status::UnknownMessage };
        if !kind::is_known(deposit.kind) {
            return Status::UnknownMessage;
        }
        let asset = Asset { kind: deposit.kind, token: deposit.token, id: deposit.id };
        self.state.credit(self.oracle, &deposit.to, &asset, &deposit.amount);
        Status::Applied
    }
}
