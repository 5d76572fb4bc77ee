//! Which links there are. Bookkeeping alone: no sockets, no clock.

use std::collections::HashMap;

use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::sync::CancellationToken;

use crate::protocol::{
    NodeId,
    limits::{LINK_QUEUE, MAX_LINKS, MAX_LINKS_PER_NODE, MAX_LINKS_WITH_INCOMING},
    link::LinkMessage,
};

/// The links to all nodes.
#[derive(Debug, Default)]
pub(super) struct Table {
    nodes: HashMap<NodeId, Node>,
    next: u64,
}

/// One open link, for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LinkId(u64);

/// The links to one node; never without any.
#[derive(Debug, Default)]
struct Node {
    /// The last opened is used. Both sides may dial at once, and each then sends over the one it
    /// opened last; what comes in is taken from all.
    open: Vec<Open>,
    /// Messages for the link that is being made.
    dialing: Option<mpsc::Sender<LinkMessage>>,
}

#[derive(Debug)]
struct Open {
    id: LinkId,
    queue: mpsc::Sender<LinkMessage>,
    cut: CancellationToken,
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Queued {
    /// It waits for a link that is open or being made.
    Yes,
    /// It waits in this queue for a link the caller must now make.
    Dial(mpsc::Receiver<LinkMessage>),
    /// There are [`MAX_LINKS`].
    AtCapacity,
    /// The link that is being made has its queue full already; the message is lost, as one on a
    /// link that breaks would be.
    Dropped,
}

/// An open link's share of the table.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: LinkId,
    /// Cancelled when the link must go.
    pub(super) cut: CancellationToken,
}

impl Table {
    pub(super) fn queue(&mut self, node: &NodeId, mut message: LinkMessage) -> Queued {
        if let Some(known) = self.nodes.get(node) {
            for open in known
                .open
                .iter()
                .rev()
                .filter(|open| !open.cut.is_cancelled())
            {
                match open.queue.try_send(message) {
                    Ok(()) => return Queued::Yes,
                    // Too slow, or just ending: the next one, or a new one.
                    Err(TrySendError::Full(back) | TrySendError::Closed(back)) => {
                        open.cut.cancel();
                        message = back;
                    }
                }
            }
            if let Some(dialing) = &known.dialing {
                return match dialing.try_send(message) {
                    Ok(()) => Queued::Yes,
                    Err(_) => Queued::Dropped,
                };
            }
        }
        if self.count() >= MAX_LINKS {
            return Queued::AtCapacity;
        }
        let (sender, receiver) = mpsc::channel(LINK_QUEUE);
        match sender.try_send(message) {
            Ok(()) => {}
            Err(_) => return Queued::Dropped,
        }
        self.nodes.entry(node.clone()).or_default().dialing = Some(sender);
        Queued::Dial(receiver)
    }

    /// The link that was being made is open.
    pub(super) fn dialed(&mut self, node: &NodeId) -> Option<Seat> {
        let queue = self.nodes.get_mut(node)?.dialing.take()?;
        Some(self.seat(node, queue))
    }

    /// The link could not be made. What waited for it goes to a link that came in meanwhile.
    /// Returns whether there is none.
    pub(super) fn dial_failed(
        &mut self,
        node: &NodeId,
        mut waiting: mpsc::Receiver<LinkMessage>,
    ) -> bool {
        let Some(known) = self.nodes.get_mut(node) else {
            return true;
        };
        known.dialing = None;
        let Some(open) = known.open.last() else {
            self.nodes.remove(node);
            return true;
        };
        while let Ok(message) = waiting.try_recv() {
            if open.queue.try_send(message).is_err() {
                break;
            }
        }
        false
    }

    /// A link came in.
    pub(super) fn accepted(
        &mut self,
        node: &NodeId,
    ) -> Option<(Seat, mpsc::Receiver<LinkMessage>)> {
        if self.count() >= MAX_LINKS_WITH_INCOMING {
            return None;
        }
        let (sender, receiver) = mpsc::channel(LINK_QUEUE);
        Some((self.seat(node, sender), receiver))
    }

    /// Ends the links to a node; none of them takes another message.
    pub(super) fn cut(&mut self, node: &NodeId) {
        for open in self.nodes.get(node).into_iter().flat_map(|node| &node.open) {
            open.cut.cancel();
        }
    }

    /// Ends all links.
    pub(super) fn cut_all(&mut self) {
        for open in self.nodes.values().flat_map(|node| &node.open) {
            open.cut.cancel();
        }
    }

    /// A link is closed. Returns whether it was the node's last.
    pub(super) fn closed(&mut self, node: &NodeId, id: LinkId) -> bool {
        let Some(known) = self.nodes.get_mut(node) else {
            return true;
        };
        known.open.retain(|open| open.id != id);
        if !known.open.is_empty() {
            return false;
        }
        if known.dialing.is_none() {
            self.nodes.remove(node);
        }
        true
    }

    fn seat(&mut self, node: &NodeId, queue: mpsc::Sender<LinkMessage>) -> Seat {
        self.next += 1;
        let (id, cut) = (LinkId(self.next), CancellationToken::new());
        let known = self.nodes.entry(node.clone()).or_default();
        let keep = MAX_LINKS_PER_NODE.saturating_sub(1);
        let alive = known.open.iter().filter(|open| !open.cut.is_cancelled());
        if alive.count() > keep
            && let Some(oldest) = known.open.iter().find(|open| !open.cut.is_cancelled())
        {
            oldest.cut.cancel();
        }
        known.open.push(Open {
            id,
            queue,
            cut: cut.clone(),
        });
        Seat { id, cut }
    }

    fn count(&self) -> usize {
        self.nodes
            .values()
            .map(|node| node.open.len() + usize::from(node.dialing.is_some()))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(byte: u8) -> NodeId {
        NodeId::from_digest(&[byte; 32])
    }

    fn dial(table: &mut Table, node: &NodeId) -> mpsc::Receiver<LinkMessage> {
        let Queued::Dial(queue) = table.queue(node, LinkMessage::Goodbye) else {
            panic!("there is a link to {node}");
        };
        queue
    }

    #[test]
    fn one_dial_at_a_time() {
        let mut table = Table::default();
        let mut queue = dial(&mut table, &node(1));
        assert!(matches!(
            table.queue(&node(1), LinkMessage::Goodbye),
            Queued::Yes
        ));
        let seat = table.dialed(&node(1)).unwrap();
        assert!(matches!(
            table.queue(&node(1), LinkMessage::Goodbye),
            Queued::Yes
        ));
        assert_eq!([(); 3].map(|()| queue.try_recv().is_ok()), [true; 3]);
        assert!(table.closed(&node(1), seat.id));
        assert_eq!(table.count(), 0);
    }

    #[test]
    fn a_failed_dial_may_be_tried_again() {
        let mut table = Table::default();
        let queue = dial(&mut table, &node(1));
        assert!(table.dial_failed(&node(1), queue));
        dial(&mut table, &node(1));
    }

    #[test]
    fn both_dialled_at_once() {
        let mut table = Table::default();
        let mut dialed_queue = dial(&mut table, &node(1));
        let (accepted, mut accepted_queue) = table.accepted(&node(1)).unwrap();
        let dialed = table.dialed(&node(1)).unwrap();
        assert!(dialed_queue.try_recv().is_ok());
        // The last opened is used,
        assert!(matches!(
            table.queue(&node(1), LinkMessage::Goodbye),
            Queued::Yes
        ));
        assert!(dialed_queue.try_recv().is_ok() && accepted_queue.try_recv().is_err());
        // and the other when that one is gone.
        assert!(!table.closed(&node(1), dialed.id));
        assert!(matches!(
            table.queue(&node(1), LinkMessage::Goodbye),
            Queued::Yes
        ));
        assert!(accepted_queue.try_recv().is_ok());
        assert!(table.closed(&node(1), accepted.id));
    }

    #[test]
    fn what_waited_for_a_failed_dial_takes_the_link_that_came_in() {
        let mut table = Table::default();
        let queue = dial(&mut table, &node(1));
        let (_seat, mut accepted_queue) = table.accepted(&node(1)).unwrap();
        assert!(!table.dial_failed(&node(1), queue), "there is a link");
        assert!(accepted_queue.try_recv().is_ok());
    }

    #[test]
    fn a_link_that_does_not_read_is_cut() {
        let mut table = Table::default();
        let (seat, _queue) = table.accepted(&node(1)).unwrap();
        for _ in 0..LINK_QUEUE {
            assert!(matches!(
                table.queue(&node(1), LinkMessage::Goodbye),
                Queued::Yes
            ));
        }
        assert!(!seat.cut.is_cancelled());
        dial(&mut table, &node(1));
        assert!(seat.cut.is_cancelled());
    }

    #[test]
    fn links_are_bounded() {
        let mut table = Table::default();
        let mut seats: Vec<_> = (0..=MAX_LINKS_PER_NODE)
            .map(|_| table.accepted(&node(1)).unwrap())
            .collect();
        let cut: Vec<_> = seats
            .iter()
            .map(|(seat, _)| seat.cut.is_cancelled())
            .collect();
        assert_eq!(cut, [true, false, false, false, false], "the oldest goes");
        while seats.len() < MAX_LINKS_WITH_INCOMING {
            let byte = u8::try_from(seats.len()).unwrap();
            seats.push(table.accepted(&node(byte)).unwrap());
        }
        assert!(table.accepted(&node(0)).is_none());
        // Strangers can't keep this node from calling somebody.
        let _dialling: Vec<_> = (MAX_LINKS_WITH_INCOMING..MAX_LINKS)
            .map(|count| dial(&mut table, &node(u8::try_from(count).unwrap())))
            .collect();
        assert!(matches!(
            table.queue(&node(0), LinkMessage::Goodbye),
            Queued::AtCapacity
        ));
        // Nodes that are linked are still talked to.
        assert!(matches!(
            table.queue(&node(1), LinkMessage::Goodbye),
            Queued::Yes
        ));
    }
}
