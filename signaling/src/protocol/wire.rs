//! From bytes to messages and back, with everything hostile refused by a code.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    codes::ErrorCode,
    limits::{MAX_EVENT_BYTES, MAX_MESSAGE_BYTES},
    ui::FromNode,
};

/// The fields that say which message it is.
const TAGS: [&str; 2] = ["type", "event"];

/// Reads one message.
///
/// # Errors
/// - [`ErrorCode::TooLarge`]: over [`MAX_MESSAGE_BYTES`].
/// - [`ErrorCode::UnknownMessage`]: of a `type` that isn't known, at any level.
/// - [`ErrorCode::InvalidMessage`]: anything else that doesn't parse.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ErrorCode> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(ErrorCode::TooLarge);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| ErrorCode::InvalidMessage)?;
    T::deserialize(&value).map_err(|error| {
        if names_tag(&error.to_string(), &value) {
            ErrorCode::UnknownMessage
        } else {
            ErrorCode::InvalidMessage
        }
    })
}

/// Whether an error is about a tag that isn't known. serde has no kinds of error; this is its wording
/// for an enum's unknown variant, of which a tag is one case and a value of a field the other.
fn names_tag(error: &str, message: &Value) -> bool {
    let named = error.strip_prefix("unknown variant `");
    let named = named.and_then(|rest| rest.split_once('`'));
    named.is_some_and(|(name, _)| has_tag(message, name))
}

fn has_tag(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            let is_tag = TAGS.contains(&key.as_str()) && value.as_str() == Some(name);
            is_tag || has_tag(value, name)
        }),
        Value::Array(values) => values.iter().any(|value| has_tag(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Writes one message.
///
/// # Errors
/// [`ErrorCode::TooLarge`] if it came out larger than the other side would take.
pub fn encode<T: Serialize>(message: &T) -> Result<String, ErrorCode> {
    encode_up_to(MAX_MESSAGE_BYTES, message)
}

/// Writes one message of a node to its own UI, which takes larger ones: a roster is sent whole.
///
/// # Errors
/// [`ErrorCode::TooLarge`] over [`MAX_EVENT_BYTES`].
pub fn encode_for_ui(message: &FromNode) -> Result<String, ErrorCode> {
    encode_up_to(MAX_EVENT_BYTES, message)
}

fn encode_up_to<T: Serialize>(bound: usize, message: &T) -> Result<String, ErrorCode> {
    let text = serde_json::to_string(message).map_err(|_| ErrorCode::InvalidMessage)?;
    if text.len() > bound {
        return Err(ErrorCode::TooLarge);
    }
    Ok(text)
}

/// The `type` of a message, with that of what it carries (`request.place`, `leg.invite`,
/// `event.roster`), for the log: never its contents.
#[must_use]
pub fn kind_of<T: Serialize>(message: &T) -> String {
    let Ok(value) = serde_json::to_value(message) else {
        return "?".to_owned();
    };
    let tag = |value: &Value, key| value.get(key)?.as_str().map(str::to_owned);
    let carried = |key| tag(value.get(key)?, "type");
    let outer = tag(&value, "type");
    let inner = carried("command")
        .or_else(|| carried("body"))
        .or_else(|| tag(&value, "event"));
    match (outer, inner) {
        (Some(outer), Some(inner)) => format!("{outer}.{inner}"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests;
