//! Just enough JSON to write vectors.

use std::fmt::Write;

pub enum Json {
    Text(String),
    Number(u64),
    Flag(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

pub fn bytes(bytes: &[u8]) -> Json {
    let mut text = String::from("0x");
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    Json::Text(text)
}

pub fn text(text: &str) -> Json {
    Json::Text(text.into())
}

pub fn number(number: u64) -> Json {
    Json::Number(number)
}

pub fn list(items: impl IntoIterator<Item = Json>) -> Json {
    Json::List(items.into_iter().collect())
}

impl Json {
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Json::Text(text) => write!(out, "\"{text}\"").unwrap(),
            Json::Number(number) => write!(out, "{number}").unwrap(),
            Json::Flag(flag) => write!(out, "{flag}").unwrap(),
            Json::List(items) => row(out, depth, ['[', ']'], items.iter().map(|item| (None, item))),
            Json::Object(items) => {
                row(out, depth, ['{', '}'], items.iter().map(|(key, item)| (Some(*key), item)))
            }
        }
    }
}

fn row<'a>(
    out: &mut String,
    depth: usize,
    brackets: [char; 2],
    items: impl Iterator<Item = (Option<&'static str>, &'a Json)>,
) {
    out.push(brackets[0]);
    let mut empty = true;
    for (key, item) in items {
        out.push_str(if empty { "\n" } else { ",\n" });
        empty = false;
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            write!(out, "\"{key}\": ").unwrap();
        }
        item.write(out, depth + 1);
    }
    if !empty {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(brackets[1]);
}
