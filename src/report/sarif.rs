//! The report `sarif`: a log of one run in the Static Analysis Results Interchange Format, version 2.1.0.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::rule::Rule;
use super::{DocumentName, Equality, Finding, Found, Needs, OriginalIn, Reason, Report, Totals, escaped, place};
use crate::corpus::{Options, Originals};

/// Where the schema of the format is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The folder that paths are from.
const BASE: &str = "%SRCROOT%";

/// What the fingerprint is called, with its version.
const FINGERPRINT: &str = "tikrarUnits/v1";

/// The report.
#[derive(Default)]
pub struct Sarif {
    /// Whether a result stands before the next.
    has_results: bool,
}

impl Report for Sarif {
    fn needs(&self) -> Needs {
        Needs { equality: true, fingerprints: true, ..Needs::default() }
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        // The results come one by one, so what is around them is written by hand.
        write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":")?;
        escaped::write(&tool(), out)?;
        let bases = json!({ BASE: { "description": { "text": "The folder that tikrar was run in." } } });
        write!(out, ",\n\"columnKind\":\"unicodeCodePoints\",\"originalUriBaseIds\":")?;
        escaped::write(&bases, out)?;
        write!(out, ",\n\"results\":[")
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        for finding in found.findings {
            writeln!(out, "{}", if std::mem::replace(&mut self.has_results, true) { "," } else { "" })?;
            escaped::write(&result(found.document, finding), out)?;
        }
        Ok(())
    }

    fn end(&mut self, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let Totals { files, failed, documents, units, copies, blocks, known, ref since, .. } = *totals;
        let invocations = json!([{ "executionSuccessful": failed == 0 }]);
        let mut properties = json!({
            "keys": options.key_version().to_string(),
            "files": files, "failed": failed, "documents": documents, "units": units, "copies": copies, "blocks": blocks,
        });
        if let Some(known) = known {
            properties["known"] = json!(known);
        }
        if let Some(since) = since {
            properties["since"] = json!(since.revision);
        }
        write!(out, "{}],\n\"invocations\":", if self.has_results { "\n" } else { "" })?;
        escaped::write(&invocations, out)?;
        write!(out, ",\"properties\":")?;
        escaped::write(&properties, out)?;
        writeln!(out, "}}]}}")
    }
}

fn tool() -> Value {
    let rules = Rule::ALL.map(|rule| {
        json!({
            "id": rule.id(),
            "shortDescription": { "text": rule.title() },
            "fullDescription": { "text": rule.description() },
            "defaultConfiguration": { "level": "warning" },
        })
    });
    let version = env!("CARGO_PKG_VERSION");
    json!({ "driver": { "name": "tikrar", "version": version, "semanticVersion": version, "rules": rules } })
}

fn result(document: &DocumentName, finding: &Finding) -> Value {
    let rule = finding.reason.rule();
    let index = Rule::ALL.iter().position(|other| *other == rule);
    let related = related(document, &finding.reason);
    let mut properties = json!({ "units": finding.units, "words": finding.words, "excerpt": finding.excerpt });
    if let Some(equality) = finding.equality {
        let folds: Vec<&str> = match equality {
            Equality::Bytes => Vec::new(),
            Equality::Folds(folds) => folds.iter().map(|fold| fold.name()).collect(),
        };
        properties["folds"] = json!(folds);
    }
    let mut result = json!({
        "ruleId": rule.id(),
        "ruleIndex": index,
        "level": "warning",
        "message": { "text": message(document, finding) },
        "locations": [location(document, Some((finding.lines.first, Some(finding.lines.last))))],
        "partialFingerprints": { FINGERPRINT: finding.fingerprint },
        "properties": properties,
    });
    if let Some(related) = related {
        result["relatedLocations"] = json!([related]);
    }
    result
}

/// What is said of a finding, with a link to where the original is.
fn message(document: &DocumentName, finding: &Finding) -> String {
    let (said, original) = finding.said_in_parts();
    let mut message = literal(&format!("{}{said}", place::of_record(document)));
    if let Some(original) = original {
        message.push_str(&format!("[{}](1)", literal(&original)));
    }
    message.push_str(&literal(&finding.said_of_equality()));
    if !finding.excerpt.is_empty() {
        message.push_str(&format!(": {}", literal(&finding.excerpt)));
    }
    message
}

/// Text of a message in which no link and no placeholder is seen.
fn literal(text: &str) -> String {
    let mut literal = String::new();
    for c in text.chars() {
        match c {
            '\\' | '[' | ']' => literal.extend(['\\', c]),
            '{' | '}' => literal.extend([c, c]),
            _ => literal.push(c),
        }
    }
    literal
}

/// Where the original is, or the document that most is repeated of.
fn related(document: &DocumentName, reason: &Reason) -> Option<Value> {
    let (of, lines, what) = match reason {
        Reason::Boilerplate { .. } => return None,
        Reason::Repeating(repeating) => (&repeating.most, None, "the document that it repeats most of"),
        Reason::Copy { of, at: Originals::Lines(first, last), .. } => (of, Some((*first, Some(*last))), "the original"),
        Reason::Copy { of, at: Originals::From(line), .. } => (of, Some((*line, None)), "the original begins here"),
        Reason::Copy { of, at: Originals::Within(line), .. } => {
            (of, Some((*line, None)), "the original is a part of the text that begins here")
        }
    };
    let (of, is_here) = match of {
        OriginalIn::Same => (document, true),
        OriginalIn::Other(other) => (other, true),
        OriginalIn::Earlier(earlier) => (earlier, false),
    };
    let mut related = location(of, lines.filter(|_| is_here));
    related["id"] = json!(1);
    related["message"] = json!({ "text": what });
    Some(related)
}

/// Where a document is, and these lines of it, if they are lines of its file.
fn location(document: &DocumentName, lines: Option<(u64, Option<u64>)>) -> Value {
    let mut location = json!({});
    if let Some(file) = &document.file {
        let place::Uri { uri, is_below } = place::uri(file);
        location["physicalLocation"] = json!({ "artifactLocation": { "uri": uri } });
        let physical = &mut location["physicalLocation"];
        if is_below {
            physical["artifactLocation"]["uriBaseId"] = json!(BASE);
        }
        if let (Some((first, last)), None) = (lines, document.record) {
            physical["region"] = json!({ "startLine": first });
            if let Some(last) = last {
                physical["region"]["endLine"] = json!(last);
            }
        }
    }
    if document.record.is_some() || document.file.is_none() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": document.name }]);
    }
    location
}
