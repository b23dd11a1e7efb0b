//! The generated parts of a text, and what stands around them.

const END: &str = "<!-- end -->";

pub(crate) struct Parts {
    text: String,
}

impl Parts {
    pub(crate) fn of(text: String) -> Self {
        Self { text }
    }

    /// Replaces a part; without content it stays as it is.
    pub(crate) fn put(&mut self, name: &str, content: Option<String>) -> Result<(), String> {
        let Some(content) = content else {
            println!("{name}: no input, stays as it is");
            return Ok(());
        };
        let begin = format!("<!-- generated: {name} -->");
        let Some(start) = self.text.find(&begin).map(|at| at + begin.len()) else {
            println!("{name}: the text has no such part");
            return Ok(());
        };
        let length = self.text[start..].find(END).ok_or_else(|| format!("{begin} has no {END}"))?;
        self.text.replace_range(start..start + length, &format!("\n\n{}\n\n", content.trim()));
        Ok(())
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
