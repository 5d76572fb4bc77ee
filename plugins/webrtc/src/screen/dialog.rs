//! Asks which of the X11 screens may be seen. A dialog of the app's own: X11 asks nobody, and a page must not either.

use std::cell::Cell;

use gtk::{
    ButtonsType, DialogFlags, ListBox, MessageDialog, MessageType, ResponseType, Window,
    gdk::{self, Display, Monitor, prelude::MonitorExt},
    glib::Cast,
    prelude::*,
};
use tauri::{Manager, Runtime, Webview};
use tokio::sync::{oneshot, watch};

use super::{ScreenError, words::Words};

/// A part of the X11 screen, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Area {
    fn of(monitor: &Monitor) -> Self {
        let (geometry, scale) = (monitor.geometry(), monitor.scale_factor());
        Self {
            x: geometry.x() * scale,
            y: geometry.y() * scale,
            width: geometry.width() * scale,
            height: geometry.height() * scale,
        }
    }

    /// The smallest that holds both.
    fn with(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            width: (self.x + self.width).max(other.x + other.width) - x,
            height: (self.y + self.height).max(other.y + other.height) - y,
        }
    }

    fn size(self) -> (i32, i32) {
        (self.width, self.height)
    }
}

/// What the person chose, as long as it is there.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) area: Area,
    changes: watch::Receiver<()>,
}

impl Choice {
    /// Until a screen comes, goes or is another size: what was chosen may be somewhere else then, or nowhere.
    pub(super) async fn ended(&self) {
        // No sender is left when the thread of the windows is gone.
        let _ = self.changes.clone().changed().await;
    }
}

thread_local! {
    /// Told of each change of the screens; used on the thread of the windows only.
    static CHANGES: watch::Sender<()> = {
        let changes = watch::Sender::new(());
        if let Some(screen) = gdk::Screen::default() {
            let tell = changes.clone();
            screen.connect_monitors_changed(move |_| {
                tell.send_replace(());
            });
        }
        changes
    };
}

type Answer = oneshot::Sender<Result<Choice, ScreenError>>;

/// Asks for it.
///
/// # Errors
/// Nothing was chosen, or there is no screen.
pub(super) async fn ask<R: Runtime>(webview: &Webview<R>) -> Result<Choice, ScreenError> {
    let (answer, answered) = oneshot::channel();
    let app = webview.app_handle();
    let name = app
        .config()
        .product_name
        .clone()
        .unwrap_or_else(|| app.package_info().name.clone());
    let window = webview.window();
    webview
        .run_on_main_thread(move || {
            let parent = window.gtk_window().ok();
            ask_here(parent.as_ref().map(Cast::upcast_ref), &name, answer);
        })
        .map_err(|error| ScreenError::Failed(error.to_string()))?;
    // The dialog goes with its window, and the answer with it.
    answered.await.unwrap_or(Err(ScreenError::Refused))
}

/// On the thread of the windows.
fn ask_here(parent: Option<&Window>, app: &str, answer: Answer) {
    let words = Words::of_desktop();
    // From before the screens are looked at.
    let changes = CHANGES.with(watch::Sender::subscribe);
    let choices = choices(words);
    if choices.is_empty() {
        // The page that asked may be gone.
        let _ = answer.send(Err(ScreenError::Unsupported("it has none".to_owned())));
        return;
    }
    let dialog = MessageDialog::new(
        parent,
        DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT,
        MessageType::Question,
        ButtonsType::None,
        &words.question(app),
    );
    dialog.set_title(words.title());
    dialog.add_button(words.cancel(), ResponseType::Cancel);
    dialog.add_button(words.share(), ResponseType::Accept);
    dialog.set_default_response(ResponseType::Accept);
    let list = ListBox::new();
    list.set_activate_on_single_click(false);
    for (text, _) in &choices {
        let label = gtk::Label::new(Some(text));
        label.set_xalign(0.0);
        label.set_margin(8);
        list.add(&label);
    }
    list.select_row(list.row_at_index(0).as_ref());
    let chosen = dialog.downgrade();
    list.connect_row_activated(move |_, _| {
        if let Some(dialog) = chosen.upgrade() {
            dialog.response(ResponseType::Accept);
        }
    });
    dialog.content_area().add(&list);
    let answer = Cell::new(Some((answer, changes)));
    dialog.connect_response(move |dialog, response| {
        let row = list.selected_row().map(|row| row.index());
        let area = row
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| choices.get(index))
            .filter(|_| response == ResponseType::Accept)
            .map(|(_, area)| *area);
        if let Some((answer, changes)) = answer.take() {
            let choice = area.map(|area| Choice { area, changes });
            let _ = answer.send(choice.ok_or(ScreenError::Refused));
            // Asks again what to respond, to which there is nothing to say any more.
            dialog.close();
        }
    });
    dialog.show_all();
}

/// Each screen, and all together where there are several.
fn choices(words: Words) -> Vec<(String, Area)> {
    let Some(display) = Display::default() else {
        return Vec::new();
    };
    let monitors: Vec<_> = (0..display.n_monitors())
        .filter_map(|number| display.monitor(number))
        .collect();
    let mut choices: Vec<_> = monitors
        .iter()
        .enumerate()
        .map(|(index, monitor)| {
            let area = Area::of(monitor);
            let name: Vec<_> = [monitor.manufacturer(), monitor.model()]
                .into_iter()
                .flatten()
                .collect();
            (words.screen(index + 1, &name.join(" "), area.size()), area)
        })
        .collect();
    if choices.len() > 1
        && let Some(everything) = choices.iter().map(|(_, area)| *area).reduce(Area::with)
    {
        choices.push((words.everything(everything.size()), everything));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_screens_are_the_smallest_area_that_holds_them() {
        let left = Area {
            x: 0,
            y: 200,
            width: 1280,
            height: 800,
        };
        let right = Area {
            x: 1280,
            y: 0,
            width: 1920,
            height: 1080,
        };
        let both = Area {
            x: 0,
            y: 0,
            width: 3200,
            height: 1080,
        };
        assert_eq!(left.with(right), both);
        assert_eq!(right.with(left), both);
    }
}
