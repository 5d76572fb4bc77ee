//! The project's own commands. Each does its own set-up: see [`USAGE`].

// A command's output is what it is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod counts;
mod error;
mod run;
mod setup;
mod shell;
mod steps;
mod test;
mod types;
mod wpt;

use std::process::ExitCode;

use error::Error;
use shell::Workspace;

const USAGE: &str = "\
cargo xtask run [ARGS…]                        build and start Lanline: the app where there is a display,
                                               else, or with ARGS, which are its own, the headless node
cargo xtask test [--only lint|unit|e2e [FILTER]]   everything a change must pass
cargo xtask bench NAME [--json]                measure in the lab: call, discovery or linux-webrtc
cargo xtask screenshots                        take the pictures of docs/pictures in the lab
cargo xtask wpt [--from DIR] [--update] [FILTER]   web-platform-tests in the webrtc plugin's window;
                                               --update records what passes
cargo xtask types                              write the TypeScript types of the protocol
cargo xtask fmt                                format everything";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        // The sum of the tests stays the last line.
        Err(Error::Steps) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<(), Error> {
    let workspace = Workspace::find()?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["run", "--", rest @ ..] | ["run", rest @ ..] => run::run(&workspace, rest),
        ["test"] => test::test(&workspace, test::Part::All, None),
        ["test", "--only", part] => test::test(&workspace, part.parse()?, None),
        ["test", "--only", part, filter] => test::test(&workspace, part.parse()?, Some(filter)),
        ["bench", name] => bench::bench(&workspace, name, bench::Output::Table),
        ["bench", name, "--json"] => bench::bench(&workspace, name, bench::Output::Json),
        ["screenshots"] => bench::screenshots(&workspace),
        ["wpt", rest @ ..] => wpt::run(&workspace, &wpt::Options::read(rest)?),
        ["types"] => types::write(&workspace),
        ["fmt"] => types::format(&workspace),
        _ => Err(Error::Usage),
    }
}
