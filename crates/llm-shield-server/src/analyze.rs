//! llm-guard's four routes: from a body to the JSON of its answer. Synchronous, so that it runs on either pool.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, header};
use llm_shield::{Feed, Report, ScanOptions, Vault};

use crate::answer::{Analyzed, Answer, encode};
use crate::auth::Caller;
use crate::conversations::Key;
use crate::error::ApiError;
use crate::gate::Access;
use crate::live::{Chosen, Live, Side};
use crate::metrics::{Route, Run, Source};
use crate::request::{Analysis, Wanted, bad_vault, not_json_content, parse_analysis};
use crate::shadow;
use crate::shared::Shared;

/// The header by which a caller names the conversation that a text belongs to.
pub(crate) const CONVERSATION_HEADER: &str = "x-llm-shield-conversation";

/// How a route of a policy looks at a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) side: Side,
    pub(crate) feed: Feed,
}

impl Route {
    /// How the route looks at texts; `None` for those that are not llm-guard's.
    pub(crate) const fn look(self) -> Option<Look> {
        let (side, feed) = match self {
            Self::AnalyzePrompt => (Side::Prompt, Feed::Chained),
            Self::AnalyzeOutput => (Side::Output, Feed::Chained),
            Self::ScanPrompt => (Side::Prompt, Feed::Original),
            Self::ScanOutput => (Side::Output, Feed::Original),
            _ => return None,
        };
        Some(Look { side, feed })
    }
}

/// A request to a policy, but for its body.
pub(crate) struct Ask {
    pub(crate) live: Arc<Live>,
    pub(crate) caller: Caller,
    pub(crate) place: crate::live::Place,
    pub(crate) conversation: Option<Key>,
}

impl Ask {
    pub(crate) fn new(access: Access, headers: &HeaderMap) -> Result<Self, ApiError> {
        let Access { live, caller, place } = access;
        let conversation = conversation(caller, headers)?;
        Ok(Self { live, caller, place, conversation })
    }

    pub(crate) fn chosen(&self) -> Chosen<'_> {
        self.live.chosen(self.place)
    }
}

/// The conversation that a request's head names.
pub(crate) fn conversation(caller: Caller, headers: &HeaderMap) -> Result<Option<Key>, ApiError> {
    let Some(name) = headers.get(CONVERSATION_HEADER) else { return Ok(None) };
    let name = name.to_str().map_err(|_| ApiError::BadConversation)?;
    Key::new(caller.tenant, name).map(Some)
}

/// Lets a body in that says that it is JSON, or that says nothing of what it is.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let kind = media
        .split_at_checked("application/".len())
        .filter(|(top, _)| top.eq_ignore_ascii_case("application/"));
    match kind {
        Some((_, kind)) if kind.eq_ignore_ascii_case("json") || kind.ends_with("+json") => Ok(()),
        _ => Err(not_json_content()),
    }
}

/// What a route answers to `body`.
pub(crate) fn analyze(shared: &Shared, ask: &Ask, look: Look, body: &[u8]) -> Result<Answer, ApiError> {
    let wanted = match look.side {
        Side::Prompt => Wanted::Prompt,
        Side::Output => Wanted::Output,
    };
    answer(shared, ask, look, &parse_analysis(body, wanted)?, [])
}

/// What is answered to one analysis, alone or in a batch, which may suppress scanners for all of its texts.
pub(crate) fn answer<'a>(
    shared: &Shared,
    ask: &Ask,
    look: Look,
    request: &'a Analysis<'_>,
    suppress_for_all: impl IntoIterator<Item = &'a str>,
) -> Result<Answer, ApiError> {
    let own = request.suppress.iter().map(AsRef::as_ref);
    let suppress: Vec<&str> = own.chain(suppress_for_all).collect();
    let options = ScanOptions { suppress: &suppress, feed: look.feed };
    let chosen = ask.chosen();
    let vault = vault_of(shared, ask, look, request, options)?;
    let before = shadow::before(ask, &vault);
    let started = Instant::now();
    let report = scan(chosen, look.side, request, &vault, options);
    let scan_time = started.elapsed();
    if let Some(before) = before {
        shadow::after(&shared.shadow, ask, look, request, &suppress, before, &report);
    }
    let sanitized = (look.feed == Feed::Chained).then_some(look.side);
    let vault = request.vault.is_some().then(|| vault.get());
    let json = encode(&Analyzed { report: &report, sanitized, vault }, 256 + report.sanitized.len());
    let source = match look.side {
        Side::Prompt => Source::Input,
        Side::Output => Source::Output,
    };
    Ok(Answer { json, scan: scan_time, runs: Run::all(&report, source).collect() })
}

pub(crate) fn scan<'t>(
    chosen: Chosen<'_>,
    side: Side,
    request: &'t Analysis<'_>,
    vault: &Vault,
    options: ScanOptions<'_>,
) -> Report<'t> {
    match (side, &request.output) {
        (Side::Output, Some(output)) => {
            chosen.shield.scan_output_with(&request.prompt, output, vault, options)
        }
        _ => chosen.shield.scan_prompt_with(&request.prompt, vault, options),
    }
}

/// The vault of a text: the one in its body, its conversation's, or one that ends with the request.
fn vault_of(
    shared: &Shared,
    ask: &Ask,
    look: Look,
    request: &Analysis<'_>,
    options: ScanOptions<'_>,
) -> Result<Arc<Vault>, ApiError> {
    let named = request.conversation.as_ref().map(|name| Key::new(ask.caller.tenant, name)).transpose()?;
    if let Some(key) = named.or(ask.conversation).filter(|_| request.vault.is_none()) {
        return Ok(shared.conversations.vault(key, &ask.live.settings.conversations, Instant::now()));
    }
    let vault = Vault::new();
    if let Some(pairs) = &request.vault {
        vault.extend(pairs.iter().cloned()).map_err(|error| bad_vault(&error))?;
    } else if look == (Look { side: Side::Output, feed: Feed::Chained }) && ask.chosen().restores {
        // A client of llm-guard's that names no conversation sends the prompt along, from which what was taken out
        // can be taken out again, under the same numbers.
        ask.chosen().shield.scan_prompt_with(&request.prompt, &vault, options);
    }
    Ok(Arc::new(vault))
}
