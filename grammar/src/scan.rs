//! The scan before the grammar: tokens, comments, and characters that may not stand in a rule file.
//!
//! It cuts the text exactly as the grammar does, so that brackets and quotes can be set right first.

use crate::limits::{MAX_TOKENS, too_many_tokens};
use crate::problem::{Problem, ProblemCode, ProblemFix, needless_end};
use crate::source::Edit;
use crate::span::Span;

/// How far the end of a text in wrong quotes is looked for, in characters.
const MAX_QUOTED: usize = 200;

/// `// …` or `/// …`, to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    /// It has exactly three slashes.
    pub doc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Bare, or in backticks.
    Word,
    /// In quotes, with them.
    Text,
    /// A number, a day or a moment, or what starts like one.
    Number,
    Open(char),
    Close(char),
    Sign,
}

#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub span: Span,
    pub kind: TokenKind,
}

#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
    pub problems: Vec<Problem>,
    /// What makes the text readable for the grammar.
    pub edits: Vec<Edit>,
    /// The file has too many tokens: nothing more was read.
    pub gave_up: bool,
}

pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner { text, at: 0, reread: None, out: Scan::default() };
    if text.starts_with('\u{feff}') {
        scanner.out.edits.push(Edit::blank(0, '\u{feff}'.len_utf8()));
        scanner.at = '\u{feff}'.len_utf8();
    }
    while let Some(next) = scanner.rest().chars().next() {
        if scanner.out.tokens.len() > MAX_TOKENS {
            scanner.out.problems.push(too_many_tokens(Span::new(scanner.at, scanner.at)));
            scanner.out.gave_up = true;
            break;
        }
        scanner.step(next);
    }
    scanner.out
}

/// The words, texts, numbers and signs of a text, in its order, as far as a rule file may be long.
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text).tokens
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Where the line starts that was read anew from an earlier text.
    reread: Option<usize>,
    out: Scan,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The rest of the line, without its end.
    fn line(&self) -> &str {
        let line = self.rest().split('\n').next().unwrap_or("");
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn step(&mut self, next: char) {
        match next {
            ' ' | '\t' | '\r' | '\n' => self.at += 1,
            '/' if self.rest().starts_with("//") => self.comment(),
            '/' if self.rest().starts_with("/*") => self.other_block_comment(),
            '#' if self.starts_comment("#") => self.other_comment("#"),
            '-' if self.starts_comment("--") => self.other_comment("--"),
            ';' => {
                self.out.problems.push(needless_end(Span::new(self.at, self.at + 1), ";", true));
                self.out.edits.push(Edit::blank(self.at, 1));
                self.at += 1;
            }
            '"' => self.string(),
            '`' => self.backticks(),
            '\'' | '“' | '”' | '„' | '‘' | '’' => self.other_quotes(next),
            '{' | '(' => self.token(1, TokenKind::Open(next)),
            '}' | ')' => self.token(1, TokenKind::Close(next)),
            '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = self.rest().find(|c: char| !is_word_char(c)).unwrap_or(self.rest().len());
                self.token(length, TokenKind::Word);
            }
            _ if is_forbidden(next) => self.forbidden(next),
            '<' | '-' | '=' | '>' | '&' | '|' | '!' => {
                let same = |c: char| !matches!(c, '<' | '-' | '=' | '>' | '&' | '|' | '!');
                let length = self.rest().find(same).unwrap_or(self.rest().len());
                self.token(length, TokenKind::Sign);
            }
            _ => self.token(next.len_utf8(), TokenKind::Sign),
        }
    }

    fn token(&mut self, length: usize, kind: TokenKind) {
        self.out.tokens.push(Token { span: Span::new(self.at, self.at + length), kind });
        self.at += length;
    }

    fn number(&mut self) {
        let length = self.rest().find(|c: char| !is_word_char(c) && c != '.').unwrap_or(self.rest().len());
        self.token(length, TokenKind::Number);
    }

    fn comment(&mut self) {
        let line = self.line();
        let span = Span::new(self.at, self.at + line.len());
        let doc = line.starts_with("///") && !line.starts_with("////");
        let start = self.at;
        let hidden: Vec<(usize, char)> = line.char_indices().filter(|(_, c)| is_forbidden(*c)).collect();
        self.at += line.len();
        for (offset, character) in hidden.into_iter().filter(|(_, c)| !is_wide_space(*c)) {
            self.refuse(start + offset, character);
        }
        self.out.comments.push(Comment { span, doc });
    }

    /// The signs before a comment of another language: first on their line, or with space around them.
    fn starts_comment(&self, sign: &str) -> bool {
        let Some(rest) = self.rest().strip_prefix(sign) else { return false };
        let alone = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace());
        let spaced = self.text.get(..self.at).is_some_and(|before| before.ends_with([' ', '\t']));
        if self.first_on_line() { alone || sign == "#" } else { alone && spaced }
    }

    fn first_on_line(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or("");
        before.trim_end_matches([' ', '\t']).is_empty() || before.trim_end_matches([' ', '\t']).ends_with('\n')
    }

    /// `# …`, to the end of its line.
    fn other_comment(&mut self, sign: &str) {
        let signs = self.line().chars().take_while(|c| sign.contains(*c)).count();
        let (start, length) = (self.at, self.line().len());
        let span = Span::new(start, start + signs);
        let sure = self.first_on_line();
        let fix = ProblemFix::write(span, "//").safe_if(sure);
        let message = format!("a comment starts with `//`, not with `{sign}`");
        self.out.problems.push(Problem::new(ProblemCode::WrongComment, span, message).help("write `//`").fix(fix));
        self.out.comments.push(Comment { span: Span::new(start, start + length), doc: false });
        self.out.edits.push(Edit::blank(start, length));
        self.at += length;
    }

    /// `/* … */`, over any number of lines.
    fn other_block_comment(&mut self) {
        let start = self.at;
        let end = self.rest().find("*/").map_or(self.text.len(), |end| start + end + 2);
        let span = Span::new(start, start + 2);
        let mut problem = Problem::new(ProblemCode::WrongComment, span, "a comment starts with `//`, not with `/*`")
            .help("write `//` at the start of each of its lines");
        let line = self.line();
        // All of the line, and nothing behind it.
        if let Some(inner) = line.trim_end().strip_suffix("*/").filter(|inner| !inner.contains("*/")) {
            let close = Span::new(start + inner.trim_end().len(), start + line.trim_end().len());
            let fix = ProblemFix::of("write `//`", vec![(span, "//".to_owned()), (close, String::new())]);
            problem = problem.fix(fix.safe_if(self.first_on_line()));
        }
        self.out.problems.push(problem);
        let mut at = start;
        for line in self.text.get(start..end).unwrap_or("").split_inclusive('\n') {
            let length = line.trim_end_matches('\n').len();
            self.out.edits.push(Edit::blank(at, length));
            self.out.comments.push(Comment { span: Span::new(at, at + length), doc: false });
            at += line.len();
        }
        self.at = end;
    }

    fn string(&mut self) {
        let mut characters = self.rest().char_indices().skip(1).peekable();
        let mut end = None;
        while let Some((offset, character)) = characters.next() {
            match character {
                '\\' if matches!(characters.peek(), Some((_, '"' | '\\'))) => {
                    characters.next();
                }
                '"' => {
                    end = Some(offset + 1);
                    break;
                }
                '\n' => break,
                _ => {}
            }
        }
        match end {
            Some(length) => self.token(length, TokenKind::Text),
            None if self.unclosed_before() => {}
            None => self.unclosed('"', "a text in quotes is not closed on its line"),
        }
    }

    fn backticks(&mut self) {
        match self.rest().char_indices().skip(1).find(|(_, c)| matches!(c, '`' | '\n')) {
            Some((1, '`')) => {
                let span = Span::new(self.at, self.at + 2);
                self.out.problems.push(Problem::new(ProblemCode::Unexpected, span, "a name in backticks is empty"));
                self.out.edits.push(Edit::blank(self.at, 2));
                self.at += 2;
            }
            Some((offset, '`')) => self.token(offset + 1, TokenKind::Word),
            _ => self.unclosed('`', "a name in backticks is not closed on its line"),
        }
    }

    /// The quote that is missing belongs to an earlier text of the line, which now ends where another one starts: a word
    /// follows its end without a space. It is read anew from there.
    fn unclosed_before(&mut self) -> bool {
        let line = self.text.get(..self.at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let runs_on = |token: &Token| {
            let next = self.text.get(token.span.end as usize..).and_then(|after| after.chars().next());
            token.kind == TokenKind::Text
                && next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '*'))
        };
        if self.reread == Some(line) {
            return false;
        }
        let before = self.out.tokens.partition_point(|token| (token.span.start as usize) < line);
        let Some(at) = self.out.tokens.iter().skip(before).position(runs_on).map(|at| before + at) else {
            return false;
        };
        let Some(open) = self.out.tokens.get(at).map(|token| token.span) else { return false };
        let inner = open.slice(self.text).get(1..).unwrap_or("");
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        let ends = [" when ", " and ", " or ", ","].iter().filter_map(|word| inner.find(word)).min();
        let length = ends.unwrap_or(inner.trim_end().len());
        let written = inner.get(..length).unwrap_or("");
        // A backslash would take the quote along.
        if written.trim().is_empty() || written.ends_with('\\') {
            return false;
        }
        let start = open.start as usize;
        let close = start + 1 + length;
        self.out.tokens.truncate(at);
        while self.out.problems.pop_if(|problem| problem.span.start >= open.start).is_some() {}
        while self.out.edits.pop_if(|edit| edit.at() >= start).is_some() {}
        self.reread = Some(line);
        let title = format!("write `\"{written}\"`");
        let end = Span::new(close, close);
        self.out.problems.push(
            Problem::new(ProblemCode::UnclosedText, Span::new(start, start + 1), "a text in quotes is not closed")
                .label("opened here")
                .help(format!("close it: {title}"))
                .fix(ProblemFix::of(title, vec![(end, "\"".to_owned())])),
        );
        self.out.edits.push(Edit::insert(close, "\""));
        self.out.tokens.push(Token { span: Span::new(start, close), kind: TokenKind::Text });
        self.at = close;
        true
    }

    /// Closes at the end of the line, or before the brace that ends it.
    fn unclosed(&mut self, quote: char, message: &str) {
        let line = self.line().trim_end();
        let inner = line.strip_suffix(['{', '}']).map(str::trim_end).filter(|inner| inner.len() > 1).unwrap_or(line);
        let length = inner.len();
        let insertion = if inner.ends_with('\\') { format!(" {quote}") } else { quote.to_string() };
        let span = Span::new(self.at, self.at + 1);
        // A name ends where its condition begins.
        let close = self.at + inner.find(" when ").unwrap_or(length);
        self.out.problems.push(
            Problem::new(ProblemCode::UnclosedText, span, message)
                .label("opened here")
                .help(format!("close it with `{quote}`; it must end on the line it starts on"))
                .fix(ProblemFix::of(
                    format!("close it with `{quote}`"),
                    vec![(Span::new(close, close), insertion.clone())],
                )),
        );
        self.out.edits.push(Edit::insert(self.at + length, &insertion));
        self.token(length, if quote == '"' { TokenKind::Text } else { TokenKind::Word });
    }

    /// Quotes of other kinds, as word processors and other languages set them.
    fn other_quotes(&mut self, open: char) {
        let single = matches!(open, '\'' | '‘' | '’');
        let closes =
            |c: char| if single { matches!(c, '\'' | '‘' | '’') } else { matches!(c, '“' | '”' | '"') };
        let close = (self.rest().char_indices().skip(1).take(MAX_QUOTED))
            .take_while(|(_, c)| *c != '\n')
            .find(|(_, c)| closes(*c));
        let before = self.text.get(..self.at).and_then(|before| before.chars().next_back());
        let inner = close.and_then(|(offset, _)| self.rest().get(open.len_utf8()..offset));
        let inner = inner.filter(|inner| !inner.contains('"') && !inner.ends_with('\\')).map(str::to_owned);
        let (Some((offset, closing)), Some(inner), false) = (close, inner, before.is_some_and(is_word_char)) else {
            return self.token(open.len_utf8(), TokenKind::Sign);
        };
        let length = offset + closing.len_utf8();
        let span = Span::new(self.at, self.at + length);
        self.out.problems.push(
            Problem::new(ProblemCode::WrongQuotes, span, format!("a text stands in `\"`, not in `{open}`"))
                .help(format!("write `\"{inner}\"`"))
                .fix(ProblemFix::write(span, format!("\"{inner}\"")).safe()),
        );
        self.out.edits.push(Edit::open_quote(self.at, open.len_utf8()));
        self.out.edits.push(Edit::close_quote(self.at + offset, closing.len_utf8()));
        self.token(length, TokenKind::Text);
    }

    fn forbidden(&mut self, character: char) {
        self.refuse(self.at, character);
        self.out.edits.push(Edit::blank(self.at, character.len_utf8()));
        self.at += character.len_utf8();
    }

    fn refuse(&mut self, at: usize, character: char) {
        let name = match character {
            '\0' => "a NUL character",
            _ if is_wide_space(character) => "a special space",
            _ if character.is_control() => "a control character",
            _ => "an invisible character",
        };
        let message = format!("{name} (U+{:04X}) may not stand here", u32::from(character));
        let span = Span::new(at, at + character.len_utf8());
        let help = if is_wide_space(character) { "type a plain space" } else { "delete it: it hides what is written" };
        let fix = match is_wide_space(character) {
            true => ProblemFix::of("type a plain space", vec![(span, " ".to_owned())]).safe(),
            false => ProblemFix::of("delete the character", vec![(span, String::new())]),
        };
        self.out.problems.push(Problem::new(ProblemCode::ForbiddenCharacter, span, message).help(help).fix(fix));
    }
}

pub(crate) fn is_word_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn is_wide_space(character: char) -> bool {
    !character.is_ascii() && character.is_whitespace()
}

/// Controls, marks that turn the direction of text, and characters of no width: what is read would not be what is there.
fn is_forbidden(character: char) -> bool {
    let hidden = matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}');
    hidden || is_wide_space(character) || (character.is_control() && !matches!(character, '\t' | '\r' | '\n'))
}
