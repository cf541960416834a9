//! `@{ref.path[0].field}` in the URLs and bodies of composite subrequests.

use serde_json::Value;

/// Deepest JSON body that is searched; the parser allows no more either.
const DEEPEST: usize = 128;

/// Replaces every reference in a text; the error names the first that leads nowhere.
pub(super) fn in_text(text: &str, lookup: &mut impl FnMut(&str) -> Option<Value>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        out.push_str(before);
        let Some((path, after)) = after.split_once('}') else {
            out.push_str("@{");
            rest = after;
            continue;
        };
        match follow(path, lookup)? {
            Value::String(value) => out.push_str(&value),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The same in every string of a JSON value. A string that is one reference takes the type of what it names.
pub(super) fn in_json(json: &Value, lookup: &mut impl FnMut(&str) -> Option<Value>) -> Result<Value, String> {
    deep(json, lookup, 0)
}

fn deep(json: &Value, lookup: &mut impl FnMut(&str) -> Option<Value>, depth: usize) -> Result<Value, String> {
    if depth > DEEPEST {
        return Ok(Value::Null);
    }
    Ok(match json {
        Value::String(text) if text.contains("@{") => {
            let whole = text.strip_prefix("@{").and_then(|t| t.strip_suffix('}')).filter(|t| !t.contains('}'));
            match whole {
                Some(path) => follow(path, lookup)?,
                None => Value::String(in_text(text, lookup)?),
            }
        }
        Value::Array(items) => items.iter().map(|i| deep(i, lookup, depth + 1)).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(k, v)| Ok((k.clone(), deep(v, lookup, depth + 1)?)));
            Value::Object(fields.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

fn follow(path: &str, lookup: &mut impl FnMut(&str) -> Option<Value>) -> Result<Value, String> {
    let lost = || path.to_owned();
    let mut steps = path.split(['.', '[']).map(|s| s.trim_end_matches(']'));
    let mut value = steps.next().and_then(lookup).ok_or_else(lost)?;
    for step in steps {
        let next = match &value {
            Value::Array(items) => step.parse::<usize>().ok().and_then(|n| items.get(n)),
            Value::Object(fields) => fields.get(step),
            _ => None,
        };
        value = next.cloned().ok_or_else(lost)?;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_reach_into_earlier_answers() {
        let mut lookup =
            |name: &str| (name == "q").then(|| json!({"records": [{"Id": "001x", "Amount": 5}], "id": "7"}));
        assert_eq!(in_text("/sobjects/X/@{q.records[0].Id}", &mut lookup).as_deref(), Ok("/sobjects/X/001x"));
        assert_eq!(
            in_json(&json!({"a": ["@{q.records[0].Amount}", "n@{q.id}", "@{"]}), &mut lookup),
            Ok(json!({"a": [5, "n7", "@{"]}))
        );
        assert_eq!(in_text("@{q.records[1].Id}", &mut lookup), Err("q.records[1].Id".to_owned()));
        assert_eq!(in_text("@{z.id}", &mut lookup), Err("z.id".to_owned()));
    }
}
