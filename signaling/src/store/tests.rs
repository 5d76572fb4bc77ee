//! The store on a real file system.

use std::{env, fs, process, sync::Arc, thread};

use proptest::prelude::*;

use super::*;
use crate::protocol::{
    CallId, EndReason, EndpointId, NodeId,
    limits::{MAX_BLOCKED, MAX_CONTACTS, MAX_HISTORY},
    ui::{DeviceKind, Direction},
};

/// A directory of its own, removed at the end.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        let name = format!("lanline-store-{}-{}", process::id(), EndpointId::random());
        Self(env::temp_dir().join(name))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn peer(number: u32) -> PeerId {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    PeerId::owner(NodeId::from_digest(&digest))
}

fn entry(number: u32) -> HistoryEntry {
    HistoryEntry {
        call: CallId::random(),
        peer: peer(number),
        name: "Ada".to_owned(),
        kind: DeviceKind::Laptop,
        direction: Direction::Incoming,
        video: true,
        end: EndReason::NoAnswer,
        at_ms: number.into(),
        talked_s: None,
        missed: true,
        seen: false,
    }
}

fn open(dir: &Dir) -> Store {
    let (store, notices) = Store::open(&dir.0).unwrap();
    assert_eq!(notices, []);
    store
}

#[test]
fn everything_is_there_the_next_time() {
    let dir = Dir::new();
    let store = open(&dir);
    assert_eq!(store.name(), None);
    store.set_name("Ada".to_owned());
    assert!(store.set_blocked(&peer(1), true));
    assert!(store.set_blocked(&peer(2), true));
    assert!(store.set_blocked(&peer(2), false));
    store.talked(&peer(3), "Bob", 1000);
    store.add_history(entry(1));
    store.add_history(entry(2));
    store.save().unwrap();
    assert_eq!(
        dir.names(),
        ["contacts.json", "history.json", "lock", "settings.json"]
    );

    drop(store);
    let store = open(&dir);
    assert_eq!(store.name().as_deref(), Some("Ada"));
    assert_eq!(store.blocked(), BTreeSet::from([peer(1)]));
    assert_eq!(store.trust(&peer(3), "Bobby"), Trust::Known);
    let order: Vec<_> = store.history().iter().map(|call| call.at_ms).collect();
    assert_eq!(order, [2, 1], "newest first");
    store.history_seen();
    store.save().unwrap();

    drop(store);
    let store = open(&dir);
    assert!(store.history().iter().all(|call| call.seen));
    store.clear_history();
    store.save().unwrap();
    drop(store);
    let store = open(&dir);
    assert_eq!(store.history(), []);
    assert_eq!(store.trust(&peer(3), "Bob"), Trust::Known);
}

#[test]
fn a_known_name_with_another_key_is_told() {
    let dir = Dir::new();
    let store = open(&dir);
    store.talked(&peer(1), "Ada Lovelace", 1);
    assert_eq!(store.trust(&peer(1), "Somebody"), Trust::Known);
    assert_eq!(store.trust(&peer(2), " ada  LOVELACE"), Trust::NameTaken);
    assert_eq!(store.trust(&peer(2), "Ada"), Trust::New);
    let guest = PeerId::guest(peer(1).node().clone(), EndpointId::random());
    assert_eq!(store.trust(&guest, "Ada Lovelace"), Trust::New);
    store.talked(&peer(2), "Printer", 2);
    assert_eq!(store.trust(&peer(2), "Plotter"), Trust::Known);
    assert_eq!(store.trust(&peer(2), "Ada Lovelace"), Trust::NameTaken);
    // It was told, and they were talked to all the same; it takes nothing from the first.
    store.talked(&peer(2), "Ada Lovelace", 3);
    for number in [1, 2] {
        assert_eq!(store.trust(&peer(number), "Ada Lovelace"), Trust::Known);
    }
}

#[test]
fn a_name_is_free_again_when_nobody_goes_by_it() {
    let dir = Dir::new();
    let store = open(&dir);
    for number in [1, 2] {
        store.talked(&peer(number), "Ada", 1);
    }
    store.talked(&peer(1), "Countess", 2);
    assert_eq!(store.trust(&peer(3), "Ada"), Trust::NameTaken);
    store.talked(&peer(2), "Lovelace", 3);
    assert_eq!(store.trust(&peer(3), "Ada"), Trust::New);
    store.save().unwrap();
    drop(store);
    let store = open(&dir);
    assert_eq!(store.trust(&peer(3), "countess"), Trust::NameTaken);
    for number in 10..10 + u32::try_from(MAX_CONTACTS).unwrap() {
        store.talked(&peer(number), &format!("name {number}"), 9);
    }
    for name in ["Countess", "Lovelace"] {
        assert_eq!(store.trust(&peer(3), name), Trust::New, "forgotten");
    }
}

#[test]
fn what_cannot_be_understood_is_kept_aside() {
    let newer = br#"{"version": 99, "name": "Ada"}"#.as_slice();
    let wrong = br#"{"version": 1, "blocked": [3]}"#.as_slice();
    for (name, bytes, notice) in [
        (
            "settings.json",
            b"{".as_slice(),
            NoticeCode::SettingsCorrupt,
        ),
        ("settings.json", b"", NoticeCode::SettingsCorrupt),
        ("settings.json", b"null", NoticeCode::SettingsCorrupt),
        ("settings.json", b"\xff\xfe", NoticeCode::SettingsCorrupt),
        ("settings.json", newer, NoticeCode::SettingsCorrupt),
        ("settings.json", wrong, NoticeCode::SettingsCorrupt),
        ("history.json", b"[]", NoticeCode::HistoryCorrupt),
        ("contacts.json", b"3", NoticeCode::HistoryCorrupt),
    ] {
        let dir = Dir::new();
        fs::create_dir(&dir.0).unwrap();
        fs::write(dir.file(name), bytes).unwrap();
        let (store, notices) = Store::open(&dir.0).unwrap();
        assert_eq!(notices, [notice], "{name}");
        assert_eq!((store.name(), store.history().len()), (None, 0));
        drop(store);
        let names: Vec<_> = dir
            .names()
            .into_iter()
            .filter(|name| name != "lock")
            .collect();
        assert!(
            names[0].starts_with(&format!("{name}.corrupt-")),
            "{names:?}"
        );
        assert_eq!(fs::read(dir.file(&names[0])).unwrap(), bytes);
        // A second one of the same second doesn't replace the first.
        fs::write(dir.file(name), bytes).unwrap();
        assert_eq!(Store::open(&dir.0).unwrap().1, [notice]);
        let kept = dir
            .names()
            .iter()
            .filter(|name| name.contains(".corrupt-"))
            .count();
        assert_eq!(kept, 2);
        open(&dir);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let dir = Dir::new();
    fs::create_dir(&dir.0).unwrap();
    let file = fs::File::create(dir.file("history.json")).unwrap();
    file.set_len(1 << 40).unwrap();
    let (_, notices) = Store::open(&dir.0).unwrap();
    assert_eq!(notices, [NoticeCode::HistoryCorrupt]);
}

#[test]
fn fields_of_a_later_version_stay() {
    let dir = Dir::new();
    fs::create_dir(&dir.0).unwrap();
    let text = r#"{"version": 1, "name": " Ada\u202e ", "theme": {"dark": true}}"#;
    fs::write(dir.file("settings.json"), text).unwrap();
    let store = open(&dir);
    assert_eq!(store.name().as_deref(), Some("Ada"));
    store.set_name("Eve".to_owned());
    store.save().unwrap();
    let text = fs::read_to_string(dir.file("settings.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kept = serde_json::json!(
        {"version": 1, "name": "Eve", "blocked": [], "theme": {"dark": true}}
    );
    assert_eq!(value, kept);
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    let dir = Dir::new();
    fs::create_dir(&dir.0).unwrap();
    let file = dir.file("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("data")).unwrap_err();
    assert!(matches!(&error, StoreError::NotCreated { path, .. } if *path == file.join("data")));
    assert!(error.to_string().contains("file/data"), "{error}");
    // Permissions don't bind root, under whom tests may run; a directory in the way does.
    fs::create_dir(dir.file("lock")).unwrap();
    let error = Store::open(&dir.0).unwrap_err();
    assert!(matches!(error, StoreError::NotWritable { .. }));
    fs::remove_dir(dir.file("lock")).unwrap();
    fs::create_dir(dir.file("settings.json")).unwrap();
    let error = Store::open(&dir.0).unwrap_err();
    assert!(
        matches!(error, StoreError::NotReadable { path, .. } if path == dir.file("settings.json"))
    );
}

#[test]
fn one_node_at_a_time() {
    let dir = Dir::new();
    let first = open(&dir);
    let error = Store::open(&dir.0).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    drop(first);
    assert!(Store::open(&dir.0).is_ok());
}

#[test]
fn what_could_not_be_saved_is_saved_later() {
    let dir = Dir::new();
    let store = open(&dir);
    store.set_name("Ada".to_owned());
    store.add_history(entry(1));
    fs::create_dir(dir.file("settings.json.new")).unwrap();
    let error = store.save().unwrap_err();
    assert!(
        matches!(error, StoreError::NotWritable { path, .. } if path == dir.file("settings.json"))
    );
    assert_eq!(store.name().as_deref(), Some("Ada"));
    assert!(
        dir.file("history.json").exists(),
        "the others are not held up"
    );
    fs::remove_dir(dir.file("settings.json.new")).unwrap();
    store.save().unwrap();
    drop(store);
    assert_eq!(open(&dir).name().as_deref(), Some("Ada"));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = Dir::new();
    let store = open(&dir);
    store.set_name("Ada".to_owned());
    store.save().unwrap();
    assert_eq!(mode(&dir.0), 0o700);
    assert_eq!(mode(&dir.file("settings.json")), 0o600);
}

#[test]
fn nothing_grows_without_bound() {
    let dir = Dir::new();
    let store = open(&dir);
    for number in 0..=u32::try_from(MAX_CONTACTS.max(MAX_BLOCKED)).unwrap() {
        store.talked(&peer(number), &format!("name {number}"), number.into());
        store.set_blocked(&peer(number), true);
        if number <= u32::try_from(MAX_HISTORY).unwrap() {
            store.add_history(entry(number));
        }
    }
    assert_eq!(
        store.trust(&peer(0), ""),
        Trust::New,
        "the oldest is forgotten"
    );
    assert_eq!(store.trust(&peer(1), ""), Trust::Known);
    assert_eq!(store.blocked().len(), MAX_BLOCKED);
    assert!(!store.set_blocked(&peer(9999), true));
    assert_eq!(store.history().len(), MAX_HISTORY);
    store.save().unwrap();
    drop(store);
    open(&dir);
}

#[test]
fn missed_calls_of_strangers_push_out_each_other_and_not_those_of_contacts() {
    let dir = Dir::new();
    let store = open(&dir);
    store.talked(&peer(0), "Ada", 1);
    let full = u32::try_from(MAX_HISTORY).unwrap();
    let ours = |at_ms| HistoryEntry {
        peer: peer(0),
        at_ms,
        ..entry(0)
    };
    for at_ms in 0..full {
        store.add_history(ours(at_ms.into()));
    }
    for number in full..3 * full {
        store.add_history(entry(number));
    }
    let times: Vec<_> = store.history().iter().map(|call| call.at_ms).collect();
    assert_eq!(times.len(), MAX_HISTORY);
    assert_eq!(times[0], u64::from(3 * full - 1), "the last one is there");
    assert!(
        (1..full)
            .rev()
            .map(u64::from)
            .eq(times[1..].iter().copied())
    );
    // A call that was taken or declined is no litter, whoever called.
    store.add_history(HistoryEntry {
        missed: false,
        ..entry(3 * full)
    });
    store.add_history(ours(u64::from(3 * full) + 1));
    store.add_history(ours(u64::from(3 * full) + 2));
    let declined = store.history().into_iter().filter(|call| !call.missed);
    assert_eq!(declined.count(), 1);
}

#[test]
fn savers_at_once_leave_the_newest() {
    let dir = Dir::new();
    let store = Arc::new(open(&dir));
    let savers: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            thread::spawn(move || {
                for number in 0..20 {
                    store.add_history(entry(number));
                    store.save().unwrap();
                }
            })
        })
        .collect();
    for saver in savers {
        saver.join().unwrap();
    }
    drop(store);
    assert_eq!(open(&dir).history().len(), 80);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_content_of_a_file_stops_the_start(bytes: Vec<u8>, which in 0..3_usize) {
        let dir = Dir::new();
        fs::create_dir(&dir.0).unwrap();
        let name = ["settings.json", "contacts.json", "history.json"][which];
        fs::write(dir.file(name), bytes).unwrap();
        prop_assert!(Store::open(&dir.0).is_ok());
    }
}
