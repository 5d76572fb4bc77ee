//! Display names: labels that people choose, and that strangers send.

use unicode_security::confusable_detection::skeleton;

use super::{codes::ErrorCode, ids::PeerId, limits::MAX_NAME_CHARS};

/// Characters of a node id that stand in for a name that isn't one.
const FALLBACK_CHARS: usize = 8;

/// A name as it may be kept and announced: invisible characters are gone, runs of white space are one
/// space, none at the ends.
///
/// # Errors
/// [`ErrorCode::InvalidName`] if nothing is left, or more than [`MAX_NAME_CHARS`].
pub fn clean_name(text: &str) -> Result<String, ErrorCode> {
    let name = strip(text, MAX_NAME_CHARS + 1);
    match name.chars().count() {
        1..=MAX_NAME_CHARS => Ok(name),
        _ => Err(ErrorCode::InvalidName),
    }
}

/// What the network calls a peer, made fit to be shown: cleaned, cut to [`MAX_NAME_CHARS`], and the
/// start of the peer's id when nothing is left.
#[must_use]
pub fn shown_name(text: &str, peer: &PeerId) -> String {
    let name = strip(text, MAX_NAME_CHARS);
    let name = name.trim_end();
    if name.is_empty() {
        peer.node().as_str().chars().take(FALLBACK_CHARS).collect()
    } else {
        name.to_owned()
    }
}

/// Two names that a person would take for the same have the same key, whatever their letters: those that look alike are
/// one (UTS #39, section 4). To it a small letter is another than its capital, so there are small ones only; then a capital
/// I is no longer the l that it looks like, so that and i are one as well.
#[must_use]
pub fn name_key(name: &str) -> String {
    let small = strip(name, usize::MAX).to_lowercase();
    let alike: String = skeleton(&small).collect();
    alike.to_lowercase().replace('i', "l")
}

/// At most `most` visible characters; reads no further than it must, whatever the length of `text`.
fn strip(text: &str, most: usize) -> String {
    let mut name = String::new();
    let (mut count, mut space) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            space = count > 0;
        } else if !is_invisible(c) {
            let needed = 1 + usize::from(space);
            if count + needed > most {
                break;
            }
            if space {
                name.push(' ');
            }
            name.push(c);
            count += needed;
            space = false;
        }
    }
    // Joiners are part of emoji and of some scripts, but alone they show nothing.
    if name.chars().all(is_joiner) {
        name.clear();
    }
    name
}

/// Characters that change how text around them is laid out, or show nothing: bidirectional controls
/// (Unicode Standard Annex 9), zero-width spaces, the soft hyphen, fillers, language tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Zero-width (non-)joiner, variation selectors and combining marks.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn peer() -> PeerId {
        "a".repeat(52).parse().unwrap()
    }

    #[test]
    fn names_are_cleaned() {
        for (text, name) in [
            ("Ada", Some("Ada")),
            ("  Ada \t Lovelace\n", Some("Ada Lovelace")),
            ("\u{202e}adA", Some("adA")),
            ("A\u{0}d\u{7}a", Some("A d a")),
            ("小明的电脑", Some("小明的电脑")),
            ("👩\u{200d}💻", Some("👩\u{200d}💻")),
            ("", None),
            (" \u{200b}\u{feff} ", None),
            ("\u{200d}\u{fe0f}", None),
        ] {
            assert_eq!(clean_name(text).ok().as_deref(), name, "{text:?}");
        }
        let longest = "é".repeat(MAX_NAME_CHARS);
        assert_eq!(clean_name(&longest), Ok(longest.clone()));
        assert_eq!(
            clean_name(&format!("{longest}é")),
            Err(ErrorCode::InvalidName)
        );
    }

    #[test]
    fn a_peer_is_always_called_something() {
        assert_eq!(shown_name("\u{202e}", &peer()), "aaaaaaaa");
        assert_eq!(
            shown_name(&"x".repeat(1000), &peer()),
            "x".repeat(MAX_NAME_CHARS)
        );
    }

    #[test]
    fn look_alikes_share_a_key() {
        assert_eq!(name_key(" ADA\u{200b}  Lovelace"), name_key("Ada Lovelace"));
        assert_ne!(name_key("Ada"), name_key("Adah"));
        for alike in [
            "ALICE",
            "\u{410}lice",
            "A1ice",
            "AIice",
            "\u{391}lice",
            "Alic\u{435}",
            "\u{1d400}lice",
        ] {
            assert_eq!(name_key(alike), name_key("Alice"), "{alike}");
        }
        assert_eq!(name_key("B0b"), name_key("Bob"));
        assert_eq!(name_key("Ren\u{e9}"), name_key("Rene\u{301}"));
        assert_eq!(
            name_key("\u{41d}\u{418}\u{41d}\u{410}"),
            name_key("\u{41d}\u{438}\u{43d}\u{430}")
        );
        for (one, other) in [
            ("Ren\u{e9}", "Rene"),
            ("\u{5f20}\u{4f1f}", "\u{5f20}\u{4f2a}"),
            ("Ana", "Anna"),
        ] {
            assert_ne!(name_key(one), name_key(other));
        }
    }

    proptest! {
        #[test]
        fn cleaning_bounds_and_settles(text in ".{0,200}") {
            let shown = shown_name(&text, &peer());
            prop_assert!((1..=MAX_NAME_CHARS).contains(&shown.chars().count()));
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
            prop_assert_eq!(shown.trim(), shown.as_str());
            prop_assert_eq!(clean_name(&shown), Ok(shown));
        }
    }
}
