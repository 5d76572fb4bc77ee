//! Steps of a long command: each says when it begins and how it ended, and a list at the end tells
//! where the time went.

use std::{
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    counts::Counts,
    error::Error,
    setup::{log_path, show_log},
    shell::{Workspace, log},
};

pub(crate) struct Steps<'a> {
    workspace: &'a Workspace,
    stopped: AtomicBool,
    done: Mutex<Vec<Done>>,
}

struct Done {
    name: &'static str,
    took: Duration,
    ok: bool,
    counts: Counts,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            stopped: AtomicBool::new(false),
            done: Mutex::new(Vec::new()),
        }
    }

    /// Does a step, unless one has failed before.
    pub(crate) fn step(&self, name: &'static str, work: impl FnOnce() -> Result<(), Error>) {
        self.counted(name, || (work(), Counts::default()));
    }

    /// Runs a program as a step, its output in a log that is shown only if it fails.
    pub(crate) fn quiet(&self, name: &'static str, command: &mut Command) {
        self.step(name, || {
            let path = self.fresh_log(name)?;
            log(command, &path).inspect_err(|_| show_log(&path))
        });
    }

    /// Does a step that counts tests.
    pub(crate) fn counted(
        &self,
        name: &'static str,
        work: impl FnOnce() -> (Result<(), Error>, Counts),
    ) {
        if self.stopped.load(Ordering::Relaxed) {
            return;
        }
        println!("→ {name}");
        let since = Instant::now();
        let (result, counts) = work();
        let took = since.elapsed();
        let ok = result.is_ok() && counts.failed == 0;
        match result {
            Ok(()) if ok => println!("✓ {name} {:.1} s", took.as_secs_f64()),
            Ok(()) => println!("✗ {name}: {} tests failed", counts.failed),
            Err(error) => println!("✗ {name}: {error}"),
        }
        if !ok {
            self.stopped.store(true, Ordering::Relaxed);
        }
        if let Ok(mut done) = self.done.lock() {
            done.push(Done {
                name,
                took,
                ok,
                counts,
            });
        }
    }

    /// The empty log of a step.
    pub(crate) fn fresh_log(&self, name: &str) -> Result<std::path::PathBuf, Error> {
        let path = log_path(self.workspace, &name.replace(' ', "-"));
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::File { path, source })
            }
            Ok(()) | Err(_) => Ok(path),
        }
    }

    /// Prints the list, and the sum of all tests alone on the last line.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let done = self.done.into_inner().unwrap_or_default();
        println!();
        for step in &done {
            let mark = if step.ok { "✓" } else { "✗" };
            println!(
                "{mark} {:<24} {:>7.1} s",
                step.name,
                step.took.as_secs_f64()
            );
        }
        let counts: Counts = done.iter().map(|step| step.counts).sum();
        println!("{} passed, {} failed", counts.passed, counts.failed);
        if done.iter().all(|step| step.ok) {
            Ok(())
        } else {
            Err(Error::Steps)
        }
    }
}
