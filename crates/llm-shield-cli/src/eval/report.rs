//! Figures as Markdown and as one HTML page that needs nothing beside it.

use std::fmt::Write;

use super::svg::escaped;

/// A part of a report.
pub(super) enum Block {
    Heading(String),
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

/// A table behind a chart is folded away: the chart says the same at a glance.
pub(super) fn html(title: &str, blocks: &[Block]) -> String {
    let mut body = String::new();
    let mut contents = String::new();
    let mut after_chart = false;
    for (number, block) in blocks.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = match block {
            Block::Heading(title) => {
                let title = escaped(title);
                let _ = writeln!(contents, "<a href=\"#part-{number}\">{title}</a>");
                writeln!(body, "<h2 id=\"part-{number}\">{title}</h2>")
            }
            Block::Paragraph(text) => writeln!(body, "<p>{}</p>", escaped(text)),
            Block::Chart(svg) => writeln!(body, "<figure>{svg}</figure>"),
            Block::Table(head, rows) => {
                let table = table(head, rows);
                if after_chart {
                    writeln!(
                        body,
                        "<details><summary>{} rows as a table</summary>{table}</details>",
                        rows.len()
                    )
                } else {
                    body.write_str(&table)
                }
            }
        };
        after_chart = matches!(block, Block::Chart(_));
    }
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n<nav>{contents}</nav>\n{body}</html>\n"
    )
}

fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let row = |tag: &str, cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell).replace("**", "")).collect();
        format!("<tr><{tag}>{}</{tag}></tr>\n", cells.join(&format!("</{tag}><{tag}>")))
    };
    let rows: Vec<String> = rows.iter().map(|cells| row("td", cells)).collect();
    format!("<div class=\"wide\"><table>\n{}{}</table></div>\n", row("th", head), rows.concat())
}

/// Blue and orange of Okabe and Ito (2008), which the colour-blind tell apart.
const STYLE: &str = ":root{color-scheme:light dark;--ink:#1b1b1f;--soft:#5c5c66;--paper:#fff;--line:#e2e2e8;--data:#0072b2;--mark:#b34700}\
    @media(prefers-color-scheme:dark){:root{--ink:#ececf1;--soft:#a5a5b0;--paper:#17171b;--line:#34343c;--data:#56b4e9;--mark:#e69f00}}\
    body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1280px;padding:0 1em;color:var(--ink);background:var(--paper)}\
    nav a{margin-right:1.2em}a{color:var(--data)}h2{margin-top:2em}\
    .wide{overflow-x:auto;margin-bottom:1.5em}table{border-collapse:collapse;font-size:13px;white-space:nowrap;font-variant-numeric:tabular-nums}\
    th,td{border-bottom:1px solid var(--line);padding:3px 10px;text-align:left}th{color:var(--soft);font-weight:600}\
    figure{display:inline-block;margin:0 1em 1em 0;max-width:100%;overflow-x:auto}summary{cursor:pointer;color:var(--data)}\
    svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft);font-size:11px}svg .head{font-weight:600;font-size:13px}\
    svg .value{font-variant-numeric:tabular-nums}svg .turned{transform-box:fill-box;transform-origin:center;transform:rotate(-90deg)}\
    .grid{stroke:var(--line)}.mark{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:5 4;fill:none}\
    .whisker{stroke:var(--data);stroke-width:2;opacity:.55}.dot{fill:var(--data)}.count{fill:var(--soft);opacity:.35}\
    .curve{stroke:var(--data);stroke-width:2;fill:none}.band{fill:var(--data);opacity:.18;stroke:none}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_out_of_files_stay_text() {
        let blocks = [
            Block::Heading("By source".into()),
            Block::Table(vec!["name".into(), "n".into()], vec![vec!["<b>a|b\n&\"".into(), "3".into()]]),
            Block::Chart("<svg></svg>".into()),
            Block::Table(vec!["x".into()], vec![vec!["**y**".into()]]),
        ];
        assert_eq!(
            markdown(&blocks),
            "## By source\n\n| name | n |\n| --- | --- |\n| <b>a\\|b &\" | 3 |\n\n| x |\n| --- |\n| **y** |\n"
        );
        assert!(html("x", &blocks).contains("<summary>1 rows as a table</summary>"));
        let page = html("Of <x>", &blocks);
        assert!(page.contains("<td>&lt;b&gt;a|b\n&amp;&quot;</td><td>3</td>"), "{page}");
        assert!(
            page.contains("<title>Of &lt;x&gt;</title>") && page.contains("<figure><svg></svg></figure>")
        );
    }
}
