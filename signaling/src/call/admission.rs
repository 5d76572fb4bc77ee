//! How often a node may call somebody here. An invitation costs its sender nothing and leaves a missed
//! call behind, so a stranger could fill the history with them.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    protocol::{
        NodeId, PeerId,
        limits::{INVITATION_BURST, INVITATIONS_PER_SECOND, MAX_INVITERS},
    },
    rate::TokenBucket,
};

/// The invitations of late, by the node they came from and the endpoint they were for.
#[derive(Debug, Default)]
pub(super) struct Admission {
    inviters: BTreeMap<(NodeId, PeerId), Inviter>,
}

#[derive(Debug)]
struct Inviter {
    bucket: TokenBucket,
    last: Instant,
}

impl Admission {
    /// Whether one more invitation may be shown to the person.
    pub(super) fn admit(&mut self, now: Instant, from: &NodeId, to: &PeerId) -> bool {
        let key = (from.clone(), to.clone());
        if !self.inviters.contains_key(&key) && self.inviters.len() >= MAX_INVITERS {
            let stalest = self.inviters.iter().min_by_key(|(_, one)| one.last);
            if let Some(stalest) = stalest.map(|(key, _)| key.clone()) {
                self.inviters.remove(&stalest);
            }
        }
        let inviter = self.inviters.entry(key).or_insert_with(|| Inviter {
            bucket: TokenBucket::new(now, INVITATIONS_PER_SECOND, INVITATION_BURST),
            last: now,
        });
        inviter.last = now;
        inviter.bucket.take(now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn node(number: usize) -> NodeId {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        NodeId::from_digest(&digest)
    }

    #[test]
    fn one_node_does_not_use_up_what_another_may() {
        let mut admission = Admission::default();
        let (now, me) = (Instant::now(), PeerId::owner(node(0)));
        let burst = (0..1000).filter(|_| admission.admit(now, &node(1), &me));
        assert_eq!(burst.count(), INVITATION_BURST as usize);
        assert!(admission.admit(now, &node(2), &me));
        assert!(admission.admit(now, &node(1), &PeerId::owner(node(9))));
        assert!(admission.admit(now + Duration::from_secs(1), &node(1), &me));
    }

    #[test]
    fn whom_it_remembers_is_bounded() {
        let mut admission = Admission::default();
        let (now, me) = (Instant::now(), PeerId::owner(node(0)));
        for number in 1..=2 * MAX_INVITERS {
            let millis = u64::try_from(number).unwrap();
            assert!(admission.admit(now + Duration::from_millis(millis), &node(number), &me));
        }
        assert_eq!(admission.inviters.len(), MAX_INVITERS);
        assert!(!admission.inviters.contains_key(&(node(1), me)));
    }
}
