//! What is shown of a corpus file.

/// A longer file shows the block in question alone.
const SHORT: usize = 16;

/// The rules without the expectations; each line on which `id` is found ends in a remark that says so. Of a long file only
/// the block that holds the first such line.
pub(super) fn snippet(text: &str, id: &str) -> String {
    let expect = format!("// expect {id} ");
    let found: Vec<usize> = text
        .lines()
        .filter_map(|line| line.strip_prefix(&expect)?.split_once(':')?.0.parse::<usize>().ok()?.checked_sub(1))
        .collect();
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with("// expect "))
        .map(|(at, line)| if found.contains(&at) { format!("{line}   // {id}") } else { line.to_owned() })
        .collect();
    let lines = match found.first() {
        Some(at) if lines.len() > SHORT => block(&lines, *at),
        _ => &lines,
    };
    lines.join("\n").trim_end().to_owned()
}

/// From the line at the margin that opens the block around `at` to the one that closes it.
fn block(lines: &[String], at: usize) -> &[String] {
    let margin = |line: &String| !line.is_empty() && !line.starts_with(' ');
    let opens = |line: &String| margin(line) && !line.starts_with(['}', '/']);
    let start = (0..=at).rev().find(|at| lines.get(*at).is_some_and(opens)).unwrap_or(0);
    let end = (at..lines.len()).find(|at| lines[*at].starts_with('}')).map_or(lines.len(), |end| end + 1);
    &lines[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_and_the_rest_of_a_long_file_left_out() {
        assert_eq!(
            snippet("edition 2026\nzone \"x\"\n\n// expect N121 2:6\n", "N121"),
            "edition 2026\nzone \"x\"   // N121"
        );
        let long = format!("{}test \"t\" {{\n  pass\n}}\nzone \"x\"\n// expect X812 21:3\n", "// a line\n".repeat(19));
        assert_eq!(snippet(&long, "X812"), "test \"t\" {\n  pass   // X812\n}");
    }
}
