//! The generated parts of a text, and the text around them.

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
            return Ok(());
        };
        let begin = format!("<!-- generated: {name} -->");
        let Some(start) = self.text.find(&begin).map(|at| at + begin.len()) else {
            return Ok(());
        };
        let length = self.text[start..].find(END).ok_or_else(|| format!("{begin} has no {END}"))?;
        self.text.replace_range(start..start + length, &format!("\n{}\n", content.trim()));
        Ok(())
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
