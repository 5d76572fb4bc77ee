//! Announces a peer and prints, one line of JSON each with the wall clock in milliseconds, what is
//! found: discovery and roster without the rest of the node, to look at a network with.
//!
//! `presence NAME [PORT [SEED]]`, with the same id for the same seed. Lines on stdin: `status
//! available|in_call|away`, `name NAME`, `guest`, `flap` (leave and come back), `search`, `quit`.

use std::{
    env,
    io::{self, Write},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use lanline_signaling::{
    discovery::{Announcement, Discovery},
    inbox::{Inbox, Input},
    protocol::{
        EndpointId, NodeId, PeerId,
        ui::{DeviceKind, PeerStatus},
    },
    roster::{Roster, RosterOutput},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    time,
};

fn out(mut line: Value) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    line["t"] = json!(since.map_or(0.0, |t| t.as_secs_f64() * 1e3));
    // A closed pipe ends the program at the next signal; there is nobody to tell.
    let _ = writeln!(io::stdout(), "{line}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "presence".to_owned());
    let port = arguments.next().and_then(|p| p.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind(("::", port)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });

    let seed = arguments.next().and_then(|s| s.parse::<u8>().ok());
    let digest = seed.map_or_else(rand::random, |seed| [seed; 32]);
    let node = NodeId::from_digest(&digest);
    let (inbox, mut inputs) = Inbox::new();
    let discovery = Discovery::start(port, node.clone(), inbox);
    let mut mine = Announcement {
        peer: PeerId::owner(node.clone()),
        name,
        kind: DeviceKind::Desktop,
        status: PeerStatus::Available,
        via: None,
    };
    discovery.announce(mine.clone());
    out(json!({"event": "started", "id": node, "port": port}));

    let mut roster = Roster::new(node.clone());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        while let Some(output) = roster.poll_output() {
            match output {
                RosterOutput::Probe(node, addresses) => discovery.probe(node, addresses),
                RosterOutput::Verify(peer) => {
                    out(json!({"event": "verify", "peer": peer}));
                    discovery.verify(&peer);
                }
                RosterOutput::Search => {
                    out(json!({"event": "search"}));
                    discovery.search();
                }
                RosterOutput::Changed => {
                    let names: Vec<_> = roster.peers().map(|p| &p.name).collect();
                    out(json!({"event": "roster", "names": names}));
                }
                RosterOutput::Gone(peer) => out(json!({"event": "gone", "peer": peer})),
                RosterOutput::AddressesChanged(node) => {
                    out(json!({"event": "moved", "node": node}));
                }
            }
        }
        let timeout = roster.poll_timeout();
        let sleep = async {
            match timeout {
                Some(at) => time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(input) = inputs.recv() => handle(&mut roster, input),
            () = sleep => roster.handle_timeout(Instant::now()),
            line = lines.next_line() => match line?.as_deref().map(|l| l.split_once(' ').unwrap_or((l, ""))) {
                Some(("status", status)) => {
                    mine.status = match status {
                        "in_call" => PeerStatus::InCall,
                        "away" => PeerStatus::Away,
                        _ => PeerStatus::Available,
                    };
                    out(json!({"event": "announce"}));
                    discovery.announce(mine.clone());
                }
                Some(("name", name)) => {
                    name.clone_into(&mut mine.name);
                    out(json!({"event": "announce"}));
                    discovery.announce(mine.clone());
                }
                Some(("guest", _)) => discovery.announce(Announcement {
                    peer: PeerId::guest(node.clone(), EndpointId::random()),
                    via: Some(mine.name.clone()),
                    ..mine.clone()
                }),
                Some(("flap", _)) => {
                    discovery.withdraw(&mine.peer);
                    time::sleep(Duration::from_millis(20)).await;
                    discovery.announce(mine.clone());
                }
                Some(("search", _)) => discovery.search(),
                Some(("quit", _)) | None => break,
                Some(_) => out(json!({"event": "unknown command"})),
            },
        }
    }
    out(json!({"event": "quit"}));
    discovery.shutdown().await;
    out(json!({"event": "stopped"}));
    Ok(())
}

fn handle(roster: &mut Roster, input: Input) {
    let now = Instant::now();
    if let Input::Seen(sighting) = input {
        out(
            json!({"event": "seen", "name": sighting.name, "status": sighting.status,
            "id": sighting.peer, "addresses": sighting.addresses}),
        );
        roster.handle_seen(now, sighting);
    } else if let Input::Gone(peer) = input {
        out(json!({"event": "gone", "name": roster.get(&peer).map(|p| &p.name), "id": peer}));
        roster.handle_gone(now, &peer);
    } else if let Input::Probed { node, alive } = input {
        if !alive {
            out(json!({"event": "no answer", "node": node}));
        }
        roster.handle_probed(now, &node, alive);
    } else if let Input::Addresses(addresses) = input {
        out(json!({"event": "addresses", "addresses": addresses}));
    } else if let Input::DiscoveryHealth(works) = input {
        out(json!({"event": "health", "works": works}));
    }
}
