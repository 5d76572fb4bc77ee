//! Anything at all, and messages with something changed: a message or a code, never a panic.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{from_node, link, to_node, written};
use crate::protocol::{
    ErrorCode,
    link::LinkMessage,
    ui::{FromNode, ToNode},
    wire::{decode, encode},
};

/// What is done to the bytes of a message.
#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Repeat(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let byte = || {
        prop_oneof![
            any::<u8>(),
            proptest::sample::select(br#"{}[]",:\0-e"#.to_vec())
        ]
    };
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        4 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        4 => any::<Index>().prop_map(Edit::Remove),
        1 => any::<Index>().prop_map(Edit::Cut),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Repeat(from, to)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match edit {
        Edit::Replace(at, byte) => bytes[at.index(length)] = *byte,
        Edit::Insert(at, byte) => bytes.insert(at.index(length), *byte),
        Edit::Remove(at) => {
            bytes.remove(at.index(length));
        }
        Edit::Cut(at) => bytes.truncate(at.index(length)),
        Edit::Repeat(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.extend(part);
        }
    }
}

/// A value of any type, to stand where another was.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"type": "offer"})),
    ]
}

/// Puts `new` in the place of one of the values within.
fn replace(value: &mut Value, at: &mut usize, new: &Value) {
    if *at == 0 {
        *value = new.clone();
    }
    *at = at.wrapping_sub(1);
    let parts: Vec<&mut Value> = match value {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(map) => map.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
    };
    for part in parts {
        replace(part, at, new);
    }
}

/// A message or a code; and a message reads back as itself.
fn survives<T>(bytes: &[u8]) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    match decode::<T>(bytes) {
        Ok(message) => {
            let text = encode(&message);
            prop_assert!(text.is_ok());
            prop_assert_eq!(decode::<T>(text.unwrap().as_bytes()), Ok(message));
        }
        Err(code) => prop_assert!(matches!(
            code,
            ErrorCode::InvalidMessage | ErrorCode::UnknownMessage | ErrorCode::TooLarge
        )),
    }
    Ok(())
}

fn all_survive(bytes: &[u8]) -> Result<(), TestCaseError> {
    survives::<ToNode>(bytes)?;
    survives::<FromNode>(bytes)?;
    survives::<LinkMessage>(bytes)
}

fn samples() -> Vec<String> {
    let to_node = to_node::samples().into_iter().map(|(_, _, text)| text);
    let from_node = from_node::samples().into_iter().map(|(_, _, text)| text);
    let link = link::samples().into_iter().map(|(_, _, text)| text);
    to_node.chain(from_node).chain(link).map(written).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything(bytes in vec(any::<u8>(), 0..200)) {
        all_survive(&bytes)?;
    }

    #[test]
    fn a_message_with_bytes_changed(
        sample in proptest::sample::select(samples()),
        edits in vec(edit(), 1..6),
    ) {
        let mut bytes = sample.into_bytes();
        edits.iter().for_each(|edit| apply(&mut bytes, edit));
        all_survive(&bytes)?;
    }

    #[test]
    fn a_message_with_values_changed(
        sample in proptest::sample::select(samples()),
        at in 0..30usize,
        new in value(),
    ) {
        let mut message: Value = serde_json::from_str(&sample).unwrap();
        replace(&mut message, &mut { at }, &new);
        all_survive(message.to_string().as_bytes())?;
    }
}
