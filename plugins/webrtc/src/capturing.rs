//! Which webviews have a microphone open: only for those a microphone is taken here, for only they have the person's
//! permission. A page can't get one by asking this plugin that it did not get by asking the person.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

/// By the label of the webview.
#[derive(Debug, Default)]
pub(crate) struct Capturing(Mutex<BTreeMap<String, watch::Sender<bool>>>);

impl Capturing {
    /// That webview has a microphone open now, or no longer.
    pub(crate) fn set(&self, webview: &str, listens: bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(webview.to_owned())
            .or_default()
            .send_replace(listens);
    }

    /// Whether that webview has one, now and later.
    pub(crate) fn watch(&self, webview: &str) -> watch::Receiver<bool> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(webview.to_owned()).or_default().subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_webview_listens_for_itself() {
        let capturing = Capturing::default();
        let one = capturing.watch("one");
        let other = capturing.watch("other");
        assert!(!*one.borrow());
        capturing.set("one", true);
        assert!(*one.borrow() && !*other.borrow());
        assert!(*capturing.watch("one").borrow());
        capturing.set("one", false);
        assert!(!*one.borrow());
    }
}
