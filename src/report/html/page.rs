//! The page as a whole.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::path::Path;

use super::article::{Article, Links};
use super::said::Said;
use super::{Html, markup};
use crate::corpus::Options;
use crate::report::{Since, Totals, shown_name};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The SHA-256 of the script, by which the browser knows it: no other runs, whatever the texts say, and nothing is loaded.
const SCRIPT_HASH: &str = "AMc2SAA1cCiATOuCqcMXXIVvjOWL1JlixuZt4le8dX8=";

/// The most bytes of all documents on the page.
const LENGTH: usize = 16 << 20;

/// Up to so many documents are shown with their details.
const OPEN: usize = 10;

/// Writes the page.
pub(super) fn write(report: &mut Html, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
    let mut articles = report.kept.take();
    let (documents, links) = documents(&mut articles);
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
        let _ =
            writeln!(page, r#"<section id="blocks"><h2>{}</h2>"#, Said("أكثر الكتل تكرارًا", "Most repeated blocks"));
        report.blocks.write(&links, &mut page);
        let _ = writeln!(page, r#"</section><section id="documents"><h2>{}</h2>"#, Said("المستندات", "Documents"));
        let (seen, shown) = (report.kept.seen(), articles.len());
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
        out.write_all(documents.as_bytes())?;
        page = "</section>\n".to_owned();
    }
    let _ = write!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

/// The documents, as far as there is room; those that are left out are taken from the list.
fn documents(articles: &mut Vec<Article>) -> (String, Links) {
    loop {
        let links = Links::of(articles);
        let is_open = articles.len() <= OPEN;
        let mut out = String::new();
        let too_many = articles.iter().enumerate().position(|(number, article)| {
            article.write(number, articles, &links, is_open, &mut out);
            out.len() > LENGTH
        });
        match too_many {
            None => return (out, links),
            // Again, so that no link leads to what is left out.
            Some(number) => articles.truncate(number),
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
