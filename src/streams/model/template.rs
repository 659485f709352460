//! Prompt templates: a version, what the model is to do, and the question with places to fill.

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    version: String,
    pub(super) system: String,
    pub(super) user: String,
}

impl Template {
    /// The documenter's own.
    pub(super) fn documenter() -> Self {
        Self::read("documenter", include_str!("../prompts/documenter.md")).expect("a test reads the template")
    }

    /// Reads a template; its version is what it says with a hash of all of it.
    fn read(name: &str, text: &str) -> Option<Self> {
        let (head, rest) = text.split_once("=== system ===\n")?;
        let (system, user) = rest.split_once("=== user ===\n")?;
        let version = head.trim().strip_prefix("version:")?.trim();
        let hash = &blake3::hash(text.as_bytes()).to_hex()[..8];
        Some(Self {
            version: format!("{name}-{version}-{hash}"),
            system: system.to_owned(),
            user: user.to_owned(),
        })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// The question with its places filled; what is filled in is not looked at for places again.
    pub(super) fn fill(&self, places: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = self.user.as_str();
        while let Some(at) = rest.find("{{") {
            filled.push_str(&rest[..at]);
            let inside = &rest[at + 2..];
            let end = inside.find("}}").unwrap_or(inside.len());
            let value = places.iter().find(|(name, _)| *name == &inside[..end]);
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = inside.get(end + 2..).unwrap_or("");
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_once_and_only_where_they_have_places() {
        let template = Template::read(
            "t",
            "version: 3\n=== system ===\ns {{a}}\n=== user ===\nx {{a}} y {{b}}{{c}}\n",
        );
        let template = template.unwrap();
        assert!(template.version().starts_with("t-3-"));
        assert_eq!(template.system, "s {{a}}\n");
        assert_eq!(template.fill(&[("a", "{{b}}"), ("b", "B")]), "x {{b}} y B\n");
    }

    #[test]
    fn the_documenters_template_has_every_place() {
        let template = Template::documenter();
        for place in [
            "kind",
            "id",
            "line",
            "path",
            "corrections",
            "facts",
            "dependencies",
            "source",
        ] {
            assert!(template.user.contains(&format!("{{{{{place}}}}}")), "{place}");
        }
        assert!(
            !template.system.contains("{{"),
            "what is the same for all questions can be cached"
        );
    }
}
