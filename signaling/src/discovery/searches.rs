//! The answers to a search, and to those before it. A new search takes the daemon's subscription over,
//! and what had been put into the old one by then would be lost with it: the end of a peer that is
//! told of just then would never be heard of again.

use std::collections::VecDeque;

use mdns_sd::Receiver;

/// Subscriptions in the order of their searches; all but the last run dry.
#[derive(Debug)]
pub(super) struct Searches<T>(VecDeque<Receiver<T>>);

impl<T> Searches<T> {
    pub(super) fn new(first: Receiver<T>) -> Self {
        Self(VecDeque::from([first]))
    }

    pub(super) fn push(&mut self, next: Receiver<T>) {
        self.0.push_back(next);
    }

    /// The next answer; nothing when the daemon has given up on the last subscription, and from then on
    /// it waits forever unless there is another search. Dropped half-way, it loses nothing.
    pub(super) async fn next(&mut self) -> Option<T> {
        while let Some(search) = self.0.front() {
            if let Ok(answer) = search.recv_async().await {
                return Some(answer);
            }
            self.0.pop_front();
            if self.0.is_empty() {
                return None;
            }
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_an_earlier_search_found_is_heard_before_what_the_next_one_does() {
        let (old, first) = flume::unbounded();
        let (new, second) = flume::unbounded();
        let mut searches = Searches::new(first);
        old.send("seen").unwrap();
        assert_eq!(searches.next().await, Some("seen"));
        // The daemon tells of an end, and is then asked anew.
        old.send("gone").unwrap();
        searches.push(second);
        new.send("seen again").unwrap();
        assert_eq!(searches.next().await, Some("gone"));
        assert!(searches.next().now_or_never().is_none());
        drop(old);
        assert_eq!(searches.next().await, Some("seen again"));
    }

    #[tokio::test]
    async fn the_end_of_the_last_one_is_told_once() {
        let (sender, only) = flume::unbounded();
        let mut searches = Searches::new(only);
        sender.send(1).unwrap();
        drop(sender);
        assert_eq!(searches.next().await, Some(1));
        assert_eq!(searches.next().await, None);
        assert!(searches.next().now_or_never().is_none());
        let (sender, another) = flume::unbounded();
        searches.push(another);
        sender.send(2).unwrap();
        assert_eq!(searches.next().await, Some(2));
    }
}
