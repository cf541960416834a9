//! SOQL tokens to a tree. Recursion is bounded; a long list of conditions is a list, not a chain.

use super::SoqlError;
use super::ast::{Expr, Function, Glob, Group, Item, Lit, Literal, Op, Order, Path, Query};
use super::dates;
use super::lexer::{Placed, Token, tokens};
use super::literal::{number, unescape};

/// Longest statement, in characters.
const LONGEST: usize = 100_000;
/// Parentheses within parentheses.
const DEEPEST: usize = 50;
const MOST_OFFSET: usize = 2_000;

/// Reads one statement.
pub(in super::super) fn parse(text: &str) -> Result<Query, SoqlError> {
    if text.chars().count() > LONGEST {
        let message = format!("SOQL statements cannot be longer than {LONGEST} characters.");
        return Err(SoqlError::malformed(message, 0));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.len(), within: false };
    let query = parser.query(false)?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: &'a [Placed],
    next: usize,
    end: usize,
    /// In a query within a condition: such queries hold no others, which bounds the recursion too.
    within: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|p| &p.token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |p| p.at)
    }

    fn unexpected(&self) -> SoqlError {
        match self.peek() {
            Some(token) => SoqlError::malformed(format!("unexpected token: '{}'", token.text()), self.at()),
            None => SoqlError::malformed("unexpected token: '<EOF>'", self.end),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn need_word(&mut self, word: &str) -> Result<(), SoqlError> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn need_symbol(&mut self, symbol: &str) -> Result<(), SoqlError> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_name(&self) -> bool {
        const RESERVED: [&str; 16] = [
            "select", "from", "where", "and", "or", "not", "order", "limit", "offset", "group", "having", "in", "with",
            "using", "asc", "desc",
        ];
        matches!(self.peek(), Some(Token::Word(word)) if !RESERVED.iter().any(|r| word.eq_ignore_ascii_case(r)))
    }

    /// The name that a selected item is shown under: what follows it must end the item.
    fn item_alias(&mut self) -> Option<String> {
        let after = self.tokens.get(self.next + 1).map(|p| &p.token);
        let ends = match after {
            Some(Token::Symbol(symbol)) => matches!(*symbol, "," | ")"),
            Some(Token::Word(word)) => word.eq_ignore_ascii_case("FROM"),
            _ => false,
        };
        if ends { self.alias() } else { None }
    }

    /// A name that stands for what is before it.
    fn alias(&mut self) -> Option<String> {
        match self.peek() {
            Some(Token::Word(word)) if self.is_name() && !word.contains('.') => {
                let word = word.clone();
                self.next += 1;
                Some(word)
            }
            _ => None,
        }
    }

    /// A field, perhaps within an aggregate function.
    fn measured(&mut self) -> Result<Path, SoqlError> {
        let path = self.path()?;
        if !self.is_symbol("(") {
            return Ok(path);
        }
        let name = path.parts.join(".");
        let Some(function) = Function::named(&name) else {
            let message = format!("{}() is not supported by this model", name.to_ascii_uppercase());
            return Err(SoqlError::malformed(message, path.at));
        };
        self.next += 1;
        let inner = self.path()?;
        self.need_symbol(")")?;
        Ok(Path { function: Some(function), at: path.at, ..inner })
    }

    fn path(&mut self) -> Result<Path, SoqlError> {
        let at = self.at();
        match self.peek() {
            Some(Token::Word(word)) if self.is_name() => {
                let parts: Vec<String> = word.split('.').map(str::to_owned).collect();
                if parts.iter().any(String::is_empty) {
                    return Err(self.unexpected());
                }
                self.next += 1;
                Ok(Path { parts, at, function: None })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn query(&mut self, child: bool) -> Result<Query, SoqlError> {
        self.need_word("SELECT")?;
        let mut select = vec![self.item(child)?];
        while self.symbol(",") {
            select.push(self.item(child)?);
        }
        if select.len() > 1 && select.contains(&Item::Count) {
            return Err(SoqlError::malformed("COUNT() must be the only element in the SELECT list", self.at()));
        }
        self.need_word("FROM")?;
        let from = self.path()?;
        let alias = self.alias();
        let filter = if self.word("WHERE") { Some(self.condition(0)?) } else { None };
        if self.is_word("WITH") || self.is_word("USING") || (child && self.is_word("GROUP")) {
            return Err(self.not_here("this clause"));
        }
        let mut group = Vec::new();
        if self.word("GROUP") {
            self.need_word("BY")?;
            group.push(self.grouped()?);
            while self.symbol(",") {
                group.push(self.grouped()?);
            }
        }
        let having = match !group.is_empty() && self.word("HAVING") {
            true => Some(self.condition(0)?),
            false => None,
        };
        let mut order = Vec::new();
        if self.word("ORDER") {
            self.need_word("BY")?;
            order.push(self.order()?);
            while self.symbol(",") {
                order.push(self.order()?);
            }
        }
        let limit = if self.word("LIMIT") { Some(self.count()?) } else { None };
        let stated = self.word("OFFSET");
        let offset_at = self.at();
        let offset = if stated { self.count()? } else { 0 };
        if offset > MOST_OFFSET {
            let message = format!("Maximum SOQL offset allowed is {MOST_OFFSET}");
            return Err(SoqlError { code: "NUMBER_OUTSIDE_VALID_RANGE", message, at: offset_at });
        }
        Ok(Query { select, from, alias, filter, group, having, order, limit, offset })
    }

    fn grouped(&mut self) -> Result<Path, SoqlError> {
        let path = self.path()?;
        if self.is_symbol("(") { Err(self.not_here("grouping by a function")) } else { Ok(path) }
    }

    fn not_here(&self, what: &str) -> SoqlError {
        let found = self.peek().map_or("", Token::text);
        SoqlError::malformed(format!("{what} is not supported by this model: '{found}'"), self.at())
    }

    fn item(&mut self, child: bool) -> Result<Item, SoqlError> {
        if self.is_symbol("(") {
            if child {
                return Err(self.not_here("a child query inside a child query"));
            }
            self.next += 1;
            let query = self.query(true)?;
            self.need_symbol(")")?;
            return Ok(Item::Children(Box::new(query)));
        }
        if self.is_word("TYPEOF") {
            return Err(self.not_here("TYPEOF"));
        }
        let at = self.at();
        let path = self.path()?;
        if !self.symbol("(") {
            return Ok(Item::Field(path, self.item_alias()));
        }
        let function = path.parts.join(".").to_ascii_uppercase();
        match function.as_str() {
            // A picklist value is its own label here.
            "TOLABEL" => {
                let path = self.path()?;
                self.need_symbol(")")?;
                Ok(Item::Field(path, self.item_alias()))
            }
            "COUNT" if self.symbol(")") => Ok(Item::Count),
            "FIELDS" => {
                let group = match () {
                    () if self.word("ALL") => Group::All,
                    () if self.word("STANDARD") => Group::Standard,
                    () if self.word("CUSTOM") => Group::Custom,
                    () => return Err(self.unexpected()),
                };
                self.need_symbol(")")?;
                Ok(Item::Fields(group, at))
            }
            _ => {
                self.next -= 2;
                Ok(Item::Field(self.measured()?, self.item_alias()))
            }
        }
    }

    fn order(&mut self) -> Result<Order, SoqlError> {
        let path = self.measured()?;
        let descending = !self.word("ASC") && self.word("DESC");
        let nulls_first = match self.word("NULLS") {
            true if self.word("FIRST") => true,
            true => {
                self.need_word("LAST")?;
                false
            }
            false => !descending,
        };
        Ok(Order { path, descending, nulls_first })
    }

    fn count(&mut self) -> Result<usize, SoqlError> {
        match self.peek() {
            Some(Token::Number(text)) => match text.parse() {
                Ok(count) => {
                    self.next += 1;
                    Ok(count)
                }
                Err(_) => Err(self.unexpected()),
            },
            _ => Err(self.unexpected()),
        }
    }

    /// `a AND b AND c`, or with OR; both in one list need parentheses.
    fn condition(&mut self, depth: usize) -> Result<Expr, SoqlError> {
        if depth > DEEPEST {
            return Err(SoqlError::malformed("the condition is nested too deeply", self.at()));
        }
        let first = self.term(depth)?;
        let joint = match () {
            () if self.is_word("AND") => "AND",
            () if self.is_word("OR") => "OR",
            () => return Ok(first),
        };
        let mut terms = vec![first];
        while self.word(joint) {
            terms.push(self.term(depth)?);
        }
        if self.is_word("AND") || self.is_word("OR") {
            return Err(self.unexpected());
        }
        Ok(if joint == "AND" { Expr::And(terms) } else { Expr::Or(terms) })
    }

    fn term(&mut self, depth: usize) -> Result<Expr, SoqlError> {
        let mut negations = 0usize;
        while self.word("NOT") {
            negations += 1;
        }
        let inner = if self.symbol("(") {
            let inner = self.condition(depth + 1)?;
            self.need_symbol(")")?;
            inner
        } else {
            self.comparison()?
        };
        Ok(if negations % 2 == 1 { Expr::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Result<Expr, SoqlError> {
        let path = self.measured()?;
        const OPS: [(&str, Op); 7] = [
            ("=", Op::Eq),
            ("!=", Op::Ne),
            ("<>", Op::Ne),
            ("<=", Op::Le),
            (">=", Op::Ge),
            ("<", Op::Lt),
            (">", Op::Gt),
        ];
        for (text, op) in OPS {
            if self.symbol(text) {
                return Ok(Expr::Compare { path, op, value: self.literal()? });
            }
        }
        if self.word("LIKE") {
            return Ok(Expr::Like { path, pattern: self.pattern()? });
        }
        if self.word("INCLUDES") {
            return Ok(Expr::Includes { path, negated: false, sets: self.list()? });
        }
        if self.word("EXCLUDES") {
            return Ok(Expr::Includes { path, negated: true, sets: self.list()? });
        }
        let negated = self.word("NOT");
        self.need_word("IN")?;
        if matches!(self.tokens.get(self.next + 1).map(|p| &p.token), Some(Token::Word(w)) if w.eq_ignore_ascii_case("SELECT"))
        {
            self.need_symbol("(")?;
            if std::mem::replace(&mut self.within, true) {
                return Err(self.not_here("a query within a query within a condition"));
            }
            let query = Box::new(self.query(true)?);
            self.within = false;
            self.need_symbol(")")?;
            return Ok(Expr::InQuery { path, negated, query });
        }
        Ok(Expr::In { path, negated, values: self.list()? })
    }

    fn list(&mut self) -> Result<Vec<Literal>, SoqlError> {
        self.need_symbol("(")?;
        let mut values = vec![self.literal()?];
        while self.symbol(",") {
            values.push(self.literal()?);
        }
        self.need_symbol(")")?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, SoqlError> {
        let at = self.at();
        let value = match self.peek() {
            Some(Token::Quoted(raw)) => Lit::Text(unescape(raw, at, false)?.into_iter().map(|(c, _)| c).collect()),
            Some(Token::Number(text)) => {
                number(text).ok_or_else(|| SoqlError::malformed("no viable alternative at character ' '", at))?
            }
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "null" => Lit::Null,
                "true" => Lit::Bool(true),
                "false" => Lit::Bool(false),
                name => {
                    let Some(counted) = dates::takes_number(name) else { return Err(self.not_here("this literal")) };
                    let name = name.to_owned();
                    let mut number = None;
                    if counted {
                        self.next += 1;
                        if !self.is_symbol(":") {
                            return Err(self.unexpected());
                        }
                        self.next += 1;
                        number = match self.peek() {
                            Some(Token::Number(text)) => text.parse().ok(),
                            _ => None,
                        };
                    }
                    Lit::Named(dates::named(&name, number).ok_or_else(|| self.unexpected())?)
                }
            },
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Literal { value, at })
    }

    fn pattern(&mut self) -> Result<Vec<Glob>, SoqlError> {
        let at = self.at();
        let Some(Token::Quoted(raw)) = self.peek() else { return Err(self.unexpected()) };
        let mut pattern = Vec::new();
        for (c, escaped) in unescape(raw, at, true)? {
            match c {
                '%' if !escaped => pattern.push(Glob::Any),
                '_' if !escaped => pattern.push(Glob::One),
                c => pattern.extend(c.to_lowercase().map(Glob::Char)),
            }
        }
        pattern.dedup_by(|a, b| *a == Glob::Any && *b == Glob::Any);
        self.next += 1;
        Ok(pattern)
    }
}
