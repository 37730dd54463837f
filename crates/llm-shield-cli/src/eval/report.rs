//! Figures as Markdown and as one HTML page that needs nothing beside it.

use std::fmt::Write;

/// A part of a report.
pub(super) enum Block {
    Heading(&'static str),
    Paragraph(String),
    /// Names over the columns, and rows of as many cells.
    Table(Vec<String>, Vec<Vec<String>>),
    /// An SVG document; Markdown leaves it out.
    Chart(String),
}

pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        let text = match block {
            Block::Heading(title) => format!("## {title}\n\n"),
            Block::Paragraph(text) => format!("{text}\n\n"),
            Block::Table(head, rows) => {
                let rule = vec!["---".to_owned(); head.len()];
                let lines: Vec<String> = [head, &rule].into_iter().chain(rows).map(|row| line(row)).collect();
                format!("{}\n", lines.concat())
            }
            Block::Chart(_) => continue,
        };
        out.push_str(&text);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

pub(super) fn html(title: &str, blocks: &[Block]) -> String {
    let mut body = String::new();
    for block in blocks {
        // Writing to a string cannot fail.
        let _ = match block {
            Block::Heading(title) => writeln!(body, "<h2>{}</h2>", escaped(title)),
            Block::Paragraph(text) => writeln!(body, "<p>{}</p>", escaped(text)),
            Block::Chart(svg) => writeln!(body, "<figure>{svg}</figure>"),
            Block::Table(head, rows) => {
                let row = |tag: &str, cells: &[String]| {
                    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
                    format!("<tr><{tag}>{}</{tag}></tr>\n", cells.join(&format!("</{tag}><{tag}>")))
                };
                let rows: Vec<String> = rows.iter().map(|cells| row("td", cells)).collect();
                writeln!(
                    body,
                    "<div class=\"wide\"><table>\n{}{}</table></div>",
                    row("th", head),
                    rows.concat()
                )
            }
        };
    }
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n{body}</html>\n"
    )
}

const STYLE: &str = "body{font:15px/1.5 sans-serif;margin:2em auto;max-width:1200px;padding:0 1em}\
    .wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;white-space:nowrap}\
    th,td{border:1px solid #ddd;padding:3px 8px;text-align:left}th{background:#f4f4f6}\
    figure{display:inline-block;margin:0 1em 1em 0}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_out_of_files_stay_text() {
        let blocks = [
            Block::Heading("By source"),
            Block::Table(vec!["name".into(), "n".into()], vec![vec!["<b>a|b\n&\"".into(), "3".into()]]),
            Block::Chart("<svg></svg>".into()),
        ];
        assert_eq!(markdown(&blocks), "## By source\n\n| name | n |\n| --- | --- |\n| <b>a\\|b &\" | 3 |\n");
        let page = html("Of <x>", &blocks);
        assert!(page.contains("<td>&lt;b&gt;a|b\n&amp;&quot;</td><td>3</td>"), "{page}");
        assert!(
            page.contains("<title>Of &lt;x&gt;</title>") && page.contains("<figure><svg></svg></figure>")
        );
    }
}
