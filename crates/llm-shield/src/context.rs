//! What belongs to the conversation that a text is part of.

use crate::Vault;

/// What a scanner may look at beside the text: the conversation's vault and, for an output, the prompt that it
/// answers. It belongs to one call, so that scanners can be shared and conversations cannot mix.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    vault: &'c Vault,
    prompt: Option<&'c str>,
}

impl<'c> Context<'c> {
    /// The context of a prompt.
    pub const fn new(vault: &'c Vault) -> Self {
        Self { vault, prompt: None }
    }

    /// The context of an output that answers `prompt`.
    #[must_use]
    pub const fn answering(self, prompt: &'c str) -> Self {
        Self { prompt: Some(prompt), ..self }
    }

    /// What was taken out of this conversation's prompts.
    pub const fn vault(&self) -> &'c Vault {
        self.vault
    }

    /// The prompt as the user wrote it, when its answer is scanned and the caller knows it.
    pub const fn prompt(&self) -> Option<&'c str> {
        self.prompt
    }
}
