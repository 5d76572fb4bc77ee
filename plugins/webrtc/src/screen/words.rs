//! What the question for a screen says, in the language of the desktop.

/// The texts of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    English,
    Chinese,
}

impl Words {
    /// By the variables that name the desktop's language, first one first (POSIX 8.2; `LANGUAGE` is GNU's).
    pub(super) fn of_desktop() -> Self {
        ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::English, |value| Self::of_locale(&value))
    }

    fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::English => "Share a screen",
            Self::Chinese => "共享屏幕",
        }
    }

    pub(super) fn question(self, app: &str) -> String {
        match self {
            Self::English => format!("Choose what {app} shows to the other person:"),
            Self::Chinese => format!("选择 {app} 向对方展示的内容："),
        }
    }

    pub(super) fn everything(self, (width, height): (i32, i32)) -> String {
        match self {
            Self::English => format!("All screens ({width} × {height})"),
            Self::Chinese => format!("所有屏幕（{width} × {height}）"),
        }
    }

    /// `number` counts from 1; `name` is the monitor's maker and model, where known.
    pub(super) fn screen(self, number: usize, name: &str, (width, height): (i32, i32)) -> String {
        let name = if name.is_empty() {
            String::new()
        } else {
            format!(" · {name}")
        };
        match self {
            Self::English => format!("Screen {number}{name} ({width} × {height})"),
            Self::Chinese => format!("屏幕 {number}{name}（{width} × {height}）"),
        }
    }

    /// `_` stands before the letter that presses it, with Alt.
    pub(super) fn share(self) -> &'static str {
        match self {
            Self::English => "_Share",
            Self::Chinese => "共享(_S)",
        }
    }

    pub(super) fn cancel(self) -> &'static str {
        match self {
            Self::English => "_Cancel",
            Self::Chinese => "取消(_C)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_says_which_language() {
        assert_eq!(Words::of_locale("zh_CN.UTF-8"), Words::Chinese);
        assert_eq!(Words::of_locale("zh:en"), Words::Chinese);
        assert_eq!(Words::of_locale("en_GB.UTF-8"), Words::English);
        assert_eq!(Words::of_locale("C"), Words::English);
    }

    #[test]
    fn screens_are_told_apart() {
        let words = Words::English;
        assert_eq!(words.screen(1, "", (1280, 800)), "Screen 1 (1280 × 800)");
        assert_eq!(
            words.screen(2, "DEL U2720Q", (3840, 2160)),
            "Screen 2 · DEL U2720Q (3840 × 2160)"
        );
    }
}
