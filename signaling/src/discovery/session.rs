//! The one task that owns the mDNS daemon.

use std::{
    net::{IpAddr, SocketAddr, SocketAddrV6},
    sync::Arc,
    time::Duration,
};

use mdns_sd::{DaemonEvent, Receiver, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};
use tokio::{
    sync::mpsc,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{
    SERVICE_TYPE, Shared,
    announcer::Announcer,
    asker::Asker,
    daemon::{self, BUSY, Failed, done, instance, port_can_be_shared},
    interfaces,
    outbox::Outbox,
    searches::Searches,
    txt::{self, Said},
};
use crate::{inbox::Sighting, protocol::PeerId};

/// How often the daemon looks for new interfaces and addresses; its shortest.
const IP_CHECK_SECONDS: u32 = 1;
/// How often we look at them ourselves: the daemon doesn't tell of a cable that was pulled or plugged in
/// while the addresses stayed.
const ADDRESS_CHECK: Duration = Duration::from_secs(1);
/// How long a peer has to answer when it is verified.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(2);
/// Before a failed daemon is replaced.
const RESTART: Duration = Duration::from_secs(5);
/// Before asking anew when the daemon gave up on us because its queue (1,000 events) was full.
const OVERRUN: Duration = Duration::from_secs(1);
/// What was found is gone through again so often, should the driver ever have missed something.
const REFRESH: Duration = Duration::from_secs(600);
/// After an address change all is announced again, twice: a switch may drop what is sent in the
/// first moments after a cable was plugged in.
const REPEATS: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(15)];

/// Runs mDNS until `stop`, with as many daemons as it takes.
pub(super) async fn run(
    shared: Arc<Shared>,
    outbox: Outbox,
    mut verify: mpsc::Receiver<PeerId>,
    stop: CancellationToken,
) {
    let mut healthy = true;
    loop {
        outbox.addresses(interfaces::own_addresses());
        if let Ok(mut session) = Session::open(Arc::clone(&shared), outbox.clone()) {
            if !std::mem::replace(&mut healthy, true) {
                outbox.health(true);
            }
            let ended = stop.run_until_cancelled(session.run(&mut verify)).await;
            if ended.is_none() {
                return session.close().await;
            }
        }
        tracing::warn!("mDNS is not available");
        healthy = false;
        outbox.health(false);
        let pause = time::sleep(RESTART);
        if stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

struct Session {
    shared: Arc<Shared>,
    outbox: Outbox,
    daemon: ServiceDaemon,
    searches: Searches<ServiceEvent>,
    search_at: Instant,
    monitor: Receiver<DaemonEvent>,
    own: Vec<IpAddr>,
    check_at: Instant,
    announcer: Announcer,
    asker: Asker,
    /// When to announce everything again.
    repeats: Vec<Instant>,
}

impl Session {
    fn open(shared: Arc<Shared>, outbox: Outbox) -> Result<Self, Failed> {
        let failed = |error| {
            tracing::debug!(%error, "mDNS daemon");
            Failed
        };
        if !port_can_be_shared() {
            return Err(Failed);
        }
        let daemon = daemon::start().map_err(failed)?;
        let monitor = daemon.monitor().map_err(failed)?;
        daemon
            .set_ip_check_interval(IP_CHECK_SECONDS)
            .map_err(failed)?;
        let browse = daemon.browse(SERVICE_TYPE).map_err(failed)?;
        Ok(Self {
            announcer: Announcer::new(Arc::clone(&shared)),
            asker: Asker::new(),
            shared,
            outbox,
            daemon,
            searches: Searches::new(browse),
            search_at: Instant::now() + REFRESH,
            monitor,
            own: interfaces::own_addresses(),
            check_at: Instant::now() + ADDRESS_CHECK,
            repeats: Vec::new(),
        })
    }

    async fn run(&mut self, verify: &mut mpsc::Receiver<PeerId>) -> Failed {
        let shared = Arc::clone(&self.shared);
        loop {
            let again = match self.announcer.announce(&self.daemon) {
                Ok(again) => again,
                Err(failed) => return failed,
            };
            let repeat = self.repeats.first().copied();
            let ask = self.asker.poll_timeout();
            let next = [again, repeat, ask].into_iter().flatten();
            let next = next.fold(self.search_at.min(self.check_at), Instant::min);
            let step = tokio::select! {
                event = self.searches.next() => {
                    self.handle_browse(event);
                    Ok(())
                }
                event = self.monitor.recv_async() => match event {
                    Ok(event) => self.handle_monitor(event),
                    Err(_) => Err(Failed),
                },
                Some(peer) = verify.recv() => self.verify(&peer).await,
                () = shared.search.notified() => self.search(),
                () = shared.changed.notified() => Ok(()),
                () = time::sleep_until(next) => self.handle_timeout(),
            };
            if let Err(failed) = step {
                return failed;
            }
        }
    }

    fn handle_timeout(&mut self) -> Result<(), Failed> {
        let now = Instant::now();
        if self.repeats.first().is_some_and(|at| *at <= now) {
            self.repeats.remove(0);
            self.announcer.repeat();
        }
        self.asker.handle_timeout(now);
        if self.check_at <= now {
            self.check_addresses()?;
        }
        if self.search_at <= now {
            return self.search();
        }
        Ok(())
    }

    fn handle_browse(&mut self, event: Option<ServiceEvent>) {
        let Some(event) = event else {
            self.search_at = Instant::now() + OVERRUN;
            return;
        };
        if let ServiceEvent::ServiceResolved(service) = event {
            self.handle_resolved(&service);
        } else if let ServiceEvent::ServiceRemoved(_, name) = event
            && let Some(peer) = self.foreign(&name)
        {
            self.asker.settled(&peer);
            self.outbox.gone(peer);
        }
    }

    fn handle_resolved(&mut self, service: &ResolvedService) {
        let Some(peer) = self.foreign(&service.fullname) else {
            return;
        };
        if service.txt_properties.is_empty() {
            self.asker.incomplete(Instant::now(), peer);
            return;
        }
        self.asker.settled(&peer);
        match txt::read(&peer, &service.txt_properties) {
            Some(Said::Here {
                name,
                kind,
                status,
                via,
            }) => {
                let theirs = service.addresses.iter().map(|ip| scoped(ip, service.port));
                let addresses = interfaces::rank_theirs(theirs, &self.own, self.shared.port);
                self.outbox.seen(Sighting {
                    peer,
                    name,
                    kind,
                    status,
                    via,
                    addresses,
                });
            }
            Some(Said::Left) => self.outbox.gone(peer),
            None => tracing::debug!(%peer, "ignored an instance that is not ours to read"),
        }
    }

    fn handle_monitor(&mut self, event: DaemonEvent) -> Result<(), Failed> {
        if matches!(event, DaemonEvent::IpAdd(_) | DaemonEvent::IpDel(_)) {
            return self.check_addresses();
        }
        Ok(())
    }

    fn check_addresses(&mut self) -> Result<(), Failed> {
        self.check_at = Instant::now() + ADDRESS_CHECK;
        let own = interfaces::own_addresses();
        if own == self.own {
            return Ok(());
        }
        self.own.clone_from(&own);
        self.outbox.addresses(own);
        let now = Instant::now();
        self.repeats = REPEATS.iter().map(|after| now + *after).collect();
        self.search()
    }

    /// Asks who is there. The daemon repeats the question after 1, 2, 4, … seconds.
    fn search(&mut self) -> Result<(), Failed> {
        let browse = self.daemon.browse(SERVICE_TYPE);
        let pause = match browse {
            Ok(browse) => {
                self.searches.push(browse);
                REFRESH
            }
            Err(error) => done(Err(error)).map(|_| BUSY)?,
        };
        self.search_at = Instant::now() + pause;
        Ok(())
    }

    async fn verify(&mut self, peer: &PeerId) -> Result<(), Failed> {
        while !done(self.daemon.verify(instance(peer), VERIFY_TIMEOUT))? {
            time::sleep(BUSY).await;
        }
        Ok(())
    }

    /// The peer an instance is named after, if it is one and not ours.
    fn foreign(&self, fullname: &str) -> Option<PeerId> {
        let label = fullname.strip_suffix(SERVICE_TYPE)?.strip_suffix('.')?;
        let peer: PeerId = label.parse().ok()?;
        (*peer.node() != self.shared.node).then_some(peer)
    }

    async fn close(self) {
        self.announcer.close(&self.daemon).await;
        if let Ok(stopped) = self.daemon.shutdown() {
            // Gone either way.
            let _ = stopped.recv_async().await;
        }
    }
}

fn scoped(ip: &ScopedIp, port: u16) -> SocketAddr {
    match (ip, ip.to_ip_addr()) {
        (ScopedIp::V6(v6), IpAddr::V6(address)) if address.is_unicast_link_local() => {
            SocketAddrV6::new(address, port, 0, v6.scope_id().index).into()
        }
        (_, address) => SocketAddr::new(address, port),
    }
}
