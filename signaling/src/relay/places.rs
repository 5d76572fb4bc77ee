//! How many connections there may be, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::protocol::limits::{MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS};

/// Who may have how many connections.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    /// The device's own: the network can't take the owner's page its places.
    own: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            own: Arc::new(Semaphore::new(MAX_CONNECTIONS_PER_ADDRESS)),
            by_address: Mutex::default(),
        }
    }
}

impl Places {
    /// A place for one more connection from `address`, if there is one.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let among = if address.is_loopback() {
            &self.own
        } else {
            &self.all
        };
        let permit = Arc::clone(among).try_acquire_owned().ok()?;
        let mut by_address = self
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let open = by_address.entry(address).or_default();
        // An address without connections has no entry, so none is left behind here.
        if *open >= MAX_CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *open += 1;
        Some(Place {
            address,
            places: Arc::clone(self),
            _permit: permit,
        })
    }
}

/// A place among the connections, given back on drop.
#[derive(Debug)]
pub(super) struct Place {
    address: IpAddr,
    places: Arc<Places>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self
            .places
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = by_address.get_mut(&self.address) {
            *open -= 1;
            if *open == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let places = Arc::new(Places::default());
        let [one, other] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let mut held: Vec<_> = (0..MAX_CONNECTIONS_PER_ADDRESS)
            .map(|_| places.take(one).unwrap())
            .collect();
        assert!(places.take(one).is_none());
        assert!(places.take(other).is_some());
        held.pop();
        assert!(places.take(one).is_some());
        held.clear();
        assert!(places.by_address.lock().unwrap().is_empty());
        assert_eq!(places.all.available_permits(), MAX_CONNECTIONS);
    }

    #[test]
    fn the_network_leaves_the_device_its_own_places() {
        let places = Arc::new(Places::default());
        let held: Vec<_> = (0_u32..)
            .map_while(|number| places.take(std::net::Ipv4Addr::from(0x0a00_0000 + number).into()))
            .collect();
        assert_eq!(held.len(), MAX_CONNECTIONS);
        assert!(places.take(std::net::Ipv4Addr::LOCALHOST.into()).is_some());
    }
}
