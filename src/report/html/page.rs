//! The page as a whole.

use std::cmp::Reverse;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::path::Path;

use super::article::Article;
use super::links::Links;
use super::said::Said;
use super::{Html, markup};
use crate::corpus::Options;
use crate::report::{Since, Totals, shown_name};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The SHA-256 of the script, by which the browser knows it: no other runs, whatever the texts say, and nothing is loaded.
const SCRIPT_HASH: &str = "6e3+0HVhTViStSmTD4zPSa1MRD+eFrCDm3uuG0cMOBM=";

/// The most bytes of all documents on the page.
const LENGTH: usize = 8 << 20;

/// Up to so many documents are shown with their details.
const OPEN: usize = 10;

/// Writes the page.
pub(super) fn write(report: &mut Html, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
    let Documents { shown, found, originals, links } = Documents::of(report.kept.take());
    let mut page = String::new();
    let _ = write!(
        page,
        r#"<!doctype html>
<html lang="ar" dir="rtl">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tikrar — تكرار</title>
<style>
{STYLE}</style>
</head>
<body>
<header>
<h1><span lang="ar">تكرار</span><span lang="en">tikrar</span></h1>
<button type="button" id="language" hidden></button>
</header>
<main>
"#
    );
    figures(options, totals, &mut page);
    if report.kept.seen() > 0 {
        page.push_str("<section id=\"charts\">\n");
        report.charts.write(&mut page);
        page.push_str("</section>\n");
        search(&mut page);
        if !report.blocks.is_empty() {
            let title = Said("أكثر الكتل تكرارًا", "Most repeated blocks");
            let _ = writeln!(page, r#"<section id="blocks"><h2>{title}</h2>"#);
            report.blocks.write(&links, &mut page);
            page.push_str("</section>\n");
        }
        let _ = writeln!(page, r#"<section id="documents"><h2>{}</h2>"#, Said("المستندات", "Documents"));
        let seen = report.kept.seen();
        if (shown as u64) < seen {
            let said = Said(
                format!(
                    "المعروض {shown} من المستندات التي فيها نسخ، وعددها {seen}: ما تكررت فيه أكثر الكلمات. أما كل ما وُجد فهو في التقرير json: <code>--report json</code>"
                ),
                format!(
                    "{shown} of the {seen} documents with copies are shown: those in which most words are repeated. All that was found is in the report json: <code>--report json</code>"
                ),
            );
            let _ = writeln!(page, r#"<p class="note" id="left-out">{said}</p>"#);
        }
        out.write_all(page.as_bytes())?;
        out.write_all(found.as_bytes())?;
        page = "</section>\n".to_owned();
        if !originals.is_empty() {
            let title = Said("أصولها في مستندات أخرى", "Their originals in other documents");
            let _ = writeln!(page, "<section id=\"originals\"><h2>{title}</h2>\n{originals}</section>");
        }
    }
    let _ = write!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

/// Documents as they are written.
struct Documents {
    /// How many are shown in which something was found.
    shown: usize,
    /// Those.
    found: String,
    /// Those that originals of theirs are in.
    originals: String,
    links: Links,
}

impl Documents {
    /// Writes these as far as there is room, those of which most goes before others, and what their originals are in.
    fn of(mut articles: Vec<Article>) -> Documents {
        let mut most_originals = usize::MAX;
        loop {
            let shown = articles.len();
            let originals = Article::of_originals(&articles);
            articles.extend(originals.into_iter().take(most_originals));
            let links = Links::of(&articles);
            let write = |(number, article): (usize, &Article)| {
                let mut out = String::new();
                article.write(number, &articles, &links, number < shown && shown <= OPEN, &mut out);
                out
            };
            let written: Vec<String> = articles.iter().enumerate().map(write).collect();
            let mut by_weight: Vec<usize> = (0..shown).collect();
            by_weight.sort_by_key(|&number| Reverse(articles[number].words));
            let mut room = LENGTH;
            let mut has_room = |number: usize| {
                let left = room.checked_sub(written[number].len());
                room = left.unwrap_or(room);
                left.is_some()
            };
            let mut fit: Vec<bool> = vec![false; shown];
            by_weight.into_iter().for_each(|number| fit[number] = has_room(number));
            let fitting_originals = (shown..articles.len()).take_while(|&number| has_room(number)).count();
            let is_all = fit.iter().all(|fits| *fits) && fitting_originals == articles.len() - shown;
            if is_all {
                let [found, originals] = [&written[..shown], &written[shown..]].map(|written| written.concat());
                return Documents { shown, found, originals, links };
            }
            // Again, so that no link leads to what is left out.
            if fit.iter().all(|fits| *fits) {
                most_originals = fitting_originals;
            }
            articles.truncate(shown);
            let mut fit = fit.into_iter();
            articles.retain(|_| fit.next().unwrap_or(false));
        }
    }
}

/// What was looked at and found, in numbers.
fn figures(options: &Options, totals: &Totals, out: &mut String) {
    let Totals { files, failed, documents, units, copies, blocks, known, .. } = *totals;
    out.push_str("<section id=\"figures\">\n<dl>");
    let mut figure = |said: &dyn Display, value: &dyn Display| {
        let _ = write!(out, "<div><dt>{said}</dt><dd>{value}</dd></div>");
    };
    figure(&Said("الملفات", "files"), &files);
    figure(&Said("المستندات", "documents"), &documents);
    figure(&Said("الوحدات", "units"), &units);
    figure(&Said("النسخ", "copies"), &copies);
    figure(&Said("نسبة النسخ", "share of copies"), &format!("{:.1}%", copies as f64 * 100.0 / units.max(1) as f64));
    figure(&Said("الكتل", "blocks"), &blocks);
    if let Some(known) = known {
        figure(&Said("كتل معروفة من قبل (baseline)", "known blocks (baseline)"), &known);
    }
    if failed > 0 {
        figure(&Said("ملفات تعذرت قراءتها", "files that could not be read"), &failed);
    }
    let let_pass = totals.let_pass.unwrap_or_default();
    if let_pass.short > 0 {
        let words = options.min_words;
        figure(
            &Said(
                format!("وحدات مكررة باقية لقصرها (أقل من {words} كلمات)"),
                format!("repeats that stay, under {words} words"),
            ),
            &let_pass.short,
        );
    }
    for (level, more) in totals.more_at.iter().filter(|(_, more)| **more > 0) {
        figure(
            &Said(format!("نسخ أخرى عند <code>{level}</code>"), format!("more copies at <code>{level}</code>")),
            more,
        );
    }
    if let_pass.protected > 0 {
        figure(&Said("وحدات مكررة محمية", "repeats that are kept as asked"), &let_pass.protected);
    }
    let keys = markup::of(&options.key_version().to_string());
    let _ = write!(
        out,
        "</dl>\n<p class=\"note\">tikrar {} · <code dir=\"ltr\">{keys}</code></p>\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Some(Since { revision, .. }) = &totals.since {
        let revision = markup::of(&shown_name(Path::new(revision)));
        let said = Said("ما أضيف بعد", "what was added since");
        let _ = writeln!(out, "<p class=\"note\" id=\"since\">{said} <code>{revision}</code></p>");
    }
    if copies == 0 {
        let said = match totals.documents {
            0 => Said("لم يُنظر في شيء", "nothing was looked at"),
            _ => Said("لا تكرار", "no repeats"),
        };
        let _ = writeln!(out, "<p class=\"nothing\">{said}</p>");
    }
    out.push_str("</section>\n");
}

fn search(out: &mut String) {
    let _ = writeln!(
        out,
        r#"<form id="search" role="search" hidden><label for="query">{}</label> <input type="search" id="query" dir="auto" autocomplete="off"> <output id="hits" for="query"></output></form>
<p id="none" hidden>{}</p>"#,
        Said("ابحث في الكتل والمستندات", "Search the blocks and documents"),
        Said("لا شيء من ذلك في هذه الصفحة", "nothing like that is on this page"),
    );
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::Digest as _;

    use super::*;

    #[test]
    fn the_browser_knows_the_script() {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(SCRIPT));
        assert_eq!(SCRIPT_HASH, hash);
    }
}
