//! A report as blocks, written out as Markdown or as one self-contained HTML page.

use std::fmt::Write as _;

use crate::chart::Chart;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A section's title.
    Heading(String),
    /// Running text.
    Paragraph(String),
    /// Points.
    List(Vec<String>),
    /// Head and lines; all of one length.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Commands or the like.
    Code(String),
    /// The chart of this name.
    Chart(&'static str),
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c1c20;\
background:#fff}h1{font-size:1.7rem}h2{font-size:1.25rem;margin-top:2.2rem;border-bottom:1px solid #ddd}\
table{border-collapse:collapse;font-size:.86rem;display:block;overflow-x:auto}td,th{border:1px solid #ddd;padding:.25rem .55rem;\
text-align:right;white-space:nowrap}td:first-child,th:first-child{text-align:left}th{background:#f3f4f7}\
td.PASS{color:#17713c;font-weight:600}td.FAIL{color:#b3262b;font-weight:600}td.UNPROVEN{color:#96610a;font-weight:600}\
pre{background:#f5f5f7;padding:.7rem;overflow-x:auto;font-size:.8rem}svg{max-width:100%;height:auto}";

impl Document {
    /// As Markdown; charts are links to `charts/<name>.svg`.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => _ = writeln!(out, "## {text}"),
                Block::Paragraph(text) => _ = writeln!(out, "{text}"),
                Block::List(points) => points.iter().for_each(|point| _ = writeln!(out, "- {point}")),
                Block::Code(text) => _ = writeln!(out, "```\n{}\n```", text.trim_end()),
                Block::Chart(name) => _ = writeln!(out, "![{name}](charts/{name}.svg)"),
                Block::Table(head, lines) => {
                    _ = writeln!(out, "| {} |", head.join(" | "));
                    _ = writeln!(out, "|{}", "---|".repeat(head.len()));
                    for line in lines {
                        let cells: Vec<String> =
                            line.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
                        _ = writeln!(out, "| {} |", cells.join(" | "));
                    }
                }
            }
        }
        out
    }

    /// As one HTML page that loads nothing: charts inline, the raw rows at the end.
    pub fn to_html(&self, charts: &[Chart], raw_csv: &str) -> String {
        let title = escape(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        );
        for block in &self.blocks {
            match block {
                Block::Heading(text) => _ = writeln!(out, "<h2>{}</h2>", escape(text)),
                Block::Paragraph(text) => _ = writeln!(out, "<p>{}</p>", escape(text)),
                Block::Code(text) => _ = writeln!(out, "<pre>{}</pre>", escape(text)),
                Block::List(points) => {
                    let points =
                        points.iter().map(|point| escape(point)).collect::<Vec<_>>().join("</li><li>");
                    _ = writeln!(out, "<ul><li>{points}</li></ul>");
                }
                Block::Chart(name) => {
                    for chart in charts.iter().filter(|chart| chart.name == *name) {
                        let svg = chart.svg.replacen("<svg ", &format!("<svg viewBox=\"{VIEW_BOX}\" "), 1);
                        let svg = if chart.svg.contains("viewBox") { &chart.svg } else { &svg };
                        let caption = escape(chart.caption);
                        _ = writeln!(out, "<figure>{svg}<figcaption>{caption}</figcaption></figure>");
                    }
                }
                Block::Table(head, lines) => {
                    let head = head.iter().map(|cell| escape(cell)).collect::<Vec<_>>().join("</th><th>");
                    _ = write!(out, "<table><tr><th>{head}</th></tr>");
                    for line in lines {
                        let cells: String = line.iter().map(|cell| table_cell(cell)).collect();
                        _ = write!(out, "<tr>{cells}</tr>");
                    }
                    out.push_str("</table>\n");
                }
            }
        }
        _ = writeln!(out, "<h2>Raw rows</h2>\n<pre>{}</pre>\n</body></html>", escape(raw_csv));
        out
    }
}

const VIEW_BOX: &str = "0 0 860 460";

fn table_cell(cell: &str) -> String {
    match cell {
        "PASS" | "FAIL" | "UNPROVEN" => format!("<td class=\"{cell}\">{cell}</td>"),
        _ => format!("<td>{}</td>", escape(cell)),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        let table = Block::Table(vec!["a".into()], vec![vec!["<script>|".into()]]);
        let document = Document { title: "t & u".into(), blocks: vec![table] };
        let html = document.to_html(&[], "x<y");
        assert!(
            html.contains("&lt;script&gt;|") && html.contains("x&lt;y") && html.contains("t &amp; u"),
            "{html}"
        );
        assert!(document.to_markdown().contains("| <script>\\| |"));
    }
}
