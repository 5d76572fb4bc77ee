//! How many tests passed and failed, read from what the runners say.

use std::{
    iter::Sum,
    ops::Add,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::error::Error;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// Of `cargo test`: each test binary ends with
/// `test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; …`.
pub(crate) fn of_cargo(output: &str) -> Counts {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test result: "))
        .map(|line| Counts {
            passed: number_before(line, " passed"),
            failed: number_before(line, " failed"),
        })
        .sum()
}

/// Of Vitest's JSON report.
pub(crate) fn of_vitest(path: &Path) -> Result<Counts, Error> {
    let unclear = || Error::Report {
        path: PathBuf::from(path),
    };
    let bytes = std::fs::read(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })?;
    let report: Value = serde_json::from_slice(&bytes).map_err(|_| unclear())?;
    let number = |key| report.get(key).and_then(Value::as_u64).ok_or_else(unclear);
    // A file that could not even be loaded has no tests that fail, but has failed.
    let broken = report
        .get("testResults")
        .and_then(Value::as_array)
        .ok_or_else(unclear)?
        .iter()
        .filter(|file| {
            let none = |tests: &Vec<Value>| {
                tests
                    .iter()
                    .all(|test| test.get("status").and_then(Value::as_str) != Some("failed"))
            };
            file.get("status").and_then(Value::as_str) == Some("failed")
                && file
                    .get("assertionResults")
                    .and_then(Value::as_array)
                    .is_none_or(none)
        })
        .count();
    Ok(Counts {
        passed: number("numPassedTests")?,
        failed: number("numFailedTests")? + broken as u64,
    })
}

fn number_before(line: &str, word: &str) -> u64 {
    line.split_once(word)
        .and_then(|(before, _)| before.rsplit([' ', ';']).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_are_summed() {
        let output = "running 3 tests\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        let expected = Counts {
            passed: 17,
            failed: 2,
        };
        assert_eq!(of_cargo(output), expected);
    }
}
