//! The charts of the page: copies by what makes them equal, and blocks by their length.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::said::{self, Said};
use crate::fold::Folds;
use crate::report::{Equality, Finding, Reason};

/// The most bars of a chart; what is behind them is summed up.
const BARS: usize = 12;

/// The most sets of folds that are counted one by one.
const SETS: usize = 10_000;

/// From how many words on a block counts to each of the lengths.
const LENGTHS: [u64; 7] = [0, 10, 20, 50, 100, 200, 500];

/// The sums.
#[derive(Default)]
pub(super) struct Charts {
    /// Copies by what makes them equal.
    by_equality: BTreeMap<Why, u64>,
    /// Those with sets beyond [`SETS`].
    others: u64,
    by_length: [u64; LENGTHS.len()],
}

/// Why units go, as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Bytes,
    Folds(Folds),
    Near,
    Unknown,
    Boilerplate,
    Repeating,
}

impl Charts {
    /// Counts a finding.
    pub(super) fn count(&mut self, finding: &Finding) {
        let why = match (&finding.reason, finding.equality) {
            (Reason::Boilerplate { .. }, _) => Why::Boilerplate,
            (Reason::Repeating(_), _) => Why::Repeating,
            (Reason::Copy { near, .. }, _) if !near.is_empty() => Why::Near,
            (Reason::Copy { .. }, None) => Why::Unknown,
            (Reason::Copy { .. }, Some(Equality::Bytes)) => Why::Bytes,
            (Reason::Copy { .. }, Some(Equality::Folds(folds))) => Why::Folds(folds),
        };
        let len = self.by_equality.len();
        match self.by_equality.get_mut(&why) {
            Some(count) => *count += finding.units,
            None if len < SETS => {
                self.by_equality.insert(why, finding.units);
            }
            None => self.others += finding.units,
        }
        let length = LENGTHS.partition_point(|&least| least <= finding.words).saturating_sub(1);
        self.by_length[length] += 1;
    }

    /// Writes both.
    pub(super) fn write(&self, out: &mut String) {
        let mut by_equality: Vec<(Why, u64)> = self.by_equality.iter().map(|(&why, &count)| (why, count)).collect();
        by_equality.sort_by_key(|&(why, count)| (std::cmp::Reverse(count), why));
        let more: u64 = by_equality.iter().skip(BARS).map(|(_, count)| count).sum::<u64>() + self.others;
        let mut bars: Vec<(String, u64)> =
            by_equality.iter().take(BARS).map(|&(why, count)| (why.said(), count)).collect();
        if more > 0 {
            bars.push((Said("غيرها", "others").to_string(), more));
        }
        chart("by-folds", Said("النسخ بحسب ما يساويها بأصلها", "Copies by the folds they need"), &bars, out);
        let lengths = LENGTHS.iter().enumerate().map(|(at, least)| {
            let words = match LENGTHS.get(at + 1) {
                Some(next) => format!("{least}–{}", next - 1),
                None => format!("{least}+"),
            };
            (format!("<bdi>{words}</bdi>"), self.by_length[at])
        });
        let lengths: Vec<(String, u64)> = lengths.collect();
        chart("by-length", Said("الكتل بحسب عدد كلماتها", "Blocks by their words"), &lengths, out);
    }
}

impl Why {
    fn said(self) -> String {
        match self {
            Why::Bytes => said::equality(Some(Equality::Bytes)),
            Why::Folds(folds) => said::equality(Some(Equality::Folds(folds))),
            Why::Near => Said("متشابهة لا متطابقة", "nearly the same").to_string(),
            Why::Unknown => said::equality(None),
            Why::Boilerplate => Said("عبارات متكررة في المستندات", "boilerplate").to_string(),
            Why::Repeating => Said("مستندات مكررة كلها", "repeating documents").to_string(),
        }
    }
}

/// A table whose figures are bars too.
fn chart(id: &str, title: Said<&str, &str>, bars: &[(String, u64)], out: &mut String) {
    let most = bars.iter().map(|&(_, count)| count).max().unwrap_or(0).max(1);
    let _ = write!(out, r#"<table class="chart" id="{id}"><caption>{title}</caption>"#);
    for (label, count) in bars {
        let share = *count as f64 * 100.0 / most as f64;
        let bar = if *count > 0 { format!(r#"<span style="inline-size:{share:.1}%"></span>"#) } else { String::new() };
        let _ = write!(out, r#"<tr><th scope="row">{label}</th><td class="bar">{bar}</td><td>{count}</td></tr>"#);
    }
    out.push_str("</table>\n");
}
