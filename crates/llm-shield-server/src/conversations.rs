//! What the server remembers of conversations: one vault for each key that clients name, for a while.
//!
//! A key is taken together with its caller's tenant, and only a digest of the two is kept. So callers with different
//! tokens never meet, and where all callers are alike the key itself is the secret: whoever knows it can have
//! restored what the conversation holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use llm_shield::{Vault, VaultLimits};
use sha2::{Digest, Sha256};

use crate::auth::Tenant;
use crate::error::ApiError;

/// The longest key, in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 256;

/// How much is remembered, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConversationLimits {
    /// How long a conversation is remembered after its last use.
    pub(crate) expire_after: Duration,
    /// Conversations; the one that was unused for longest makes room.
    pub(crate) count_max: usize,
    /// Pairs in one conversation; a prompt that needs more is refused.
    pub(crate) pairs_max: usize,
    /// Bytes of placeholders and originals in one conversation.
    pub(crate) bytes_max: usize,
}

impl Default for ConversationLimits {
    /// At most 4,000 conversations of 64 KiB: 256 MiB of values if every client did its worst, some megabytes in earnest.
    fn default() -> Self {
        Self {
            expire_after: Duration::from_hours(1),
            count_max: 4_000,
            pairs_max: 1_000,
            bytes_max: 64 << 10,
        }
    }
}

/// A conversation's name: its caller and what the caller calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The key of `name`, 1 to [`KEY_BYTES_MAX`] bytes of visible ASCII.
    pub(crate) fn new(tenant: Tenant, name: &str) -> Result<Self, ApiError> {
        if name.is_empty() || name.len() > KEY_BYTES_MAX || !name.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ApiError::BadConversation);
        }
        let mut digest = Sha256::new();
        digest.update(tenant.0);
        digest.update(name);
        Ok(Self(digest.finalize().into()))
    }
}

struct Conversation {
    vault: Arc<Vault>,
    used: Instant,
}

/// The conversations that are remembered.
#[derive(Default)]
pub(crate) struct Conversations(Mutex<HashMap<Key, Conversation>>);

impl Conversations {
    /// The vault of a conversation; a new one if it is not remembered.
    pub(crate) fn vault(&self, key: Key, limits: &ConversationLimits, now: Instant) -> Arc<Vault> {
        let mut all = self.lock();
        let expired = |conversation: &Conversation| {
            now.saturating_duration_since(conversation.used) >= limits.expire_after
        };
        if let Some(conversation) = all.get_mut(&key) {
            if expired(conversation) {
                all.remove(&key);
            } else {
                conversation.used = now;
                return Arc::clone(&conversation.vault);
            }
        }
        if all.len() >= limits.count_max {
            all.retain(|_, conversation| !expired(conversation));
        }
        make_room(&mut all, limits.count_max.max(1));
        let vault_limits = VaultLimits { pairs_max: limits.pairs_max, bytes_max: limits.bytes_max };
        let vault = Arc::new(Vault::with_limits(vault_limits));
        all.insert(key, Conversation { vault: Arc::clone(&vault), used: now });
        vault
    }

    /// Drops what has expired; called from time to time so that nothing is kept for want of traffic.
    pub(crate) fn sweep(&self, limits: &ConversationLimits, now: Instant) {
        self.lock()
            .retain(|_, conversation| now.saturating_duration_since(conversation.used) < limits.expire_after);
    }

    /// Forgets a conversation; says whether it was remembered.
    pub(crate) fn forget(&self, key: Key) -> bool {
        self.lock().remove(&key).is_some()
    }

    /// The gauge for Prometheus.
    pub(crate) fn exposition(&self) -> String {
        format!(
            "# HELP llm_shield_conversations Conversations whose vaults are remembered.\n\
             # TYPE llm_shield_conversations gauge\n\
             llm_shield_conversations {}\n",
            self.lock().len()
        )
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Conversation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops the tenth that was unused for longest when there is no room: to look for the one oldest each time would
/// cost a pass over all of them on each new conversation.
fn make_room(all: &mut HashMap<Key, Conversation>, count_max: usize) {
    if all.len() < count_max {
        return;
    }
    let mut used: Vec<Instant> = all.values().map(|conversation| conversation.used).collect();
    let drop_count = (all.len() + 1 - count_max).max(count_max / 10).min(used.len());
    let (_, newest_dropped, _) = used.select_nth_unstable(drop_count.saturating_sub(1));
    let newest_dropped = *newest_dropped;
    let mut left = drop_count;
    all.retain(|_, conversation| {
        let goes = left > 0 && conversation.used <= newest_dropped;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_shield::Pair;

    fn limits(count_max: usize) -> ConversationLimits {
        ConversationLimits {
            expire_after: Duration::from_mins(1),
            count_max,
            ..ConversationLimits::default()
        }
    }

    fn key(name: &str) -> Key {
        Key::new(Tenant::default(), name).unwrap()
    }

    #[test]
    fn a_conversation_is_remembered_until_it_was_unused_for_its_time() {
        let (all, limits, start) = (Conversations::default(), limits(10), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        all.vault(key("a"), &limits, at(0)).append(Pair::new("[X]", "Ann")).unwrap();
        assert_eq!(all.vault(key("a"), &limits, at(59)).len(), 1);
        assert_eq!(all.vault(key("b"), &limits, at(59)).len(), 0);
        assert_eq!(all.vault(key("a"), &limits, at(118)).len(), 1, "each use begins the time anew");
        assert_eq!(all.vault(key("a"), &limits, at(178)).len(), 0);
        all.sweep(&limits, at(200));
        assert_eq!(all.lock().len(), 1);
        assert!(all.forget(key("a")) && !all.forget(key("a")));
    }

    #[test]
    fn callers_never_meet_and_names_are_checked() {
        assert_ne!(Key::new(Tenant([1; 32]), "a").unwrap(), key("a"));
        for bad in ["", "a b", "é", "a\n", &"x".repeat(257)] {
            assert_eq!(Key::new(Tenant::default(), bad), Err(ApiError::BadConversation), "{bad}");
        }
        assert!(Key::new(Tenant::default(), &"x".repeat(256)).is_ok());
    }

    #[test]
    fn what_was_unused_for_longest_makes_room() {
        let (all, limits, start) = (Conversations::default(), limits(20), Instant::now());
        for number in 0..25 {
            all.vault(key(&number.to_string()), &limits, start + Duration::from_millis(number));
            assert!(all.lock().len() <= 20);
        }
        let later = start + Duration::from_secs(1);
        all.vault(key("24"), &limits, later).append(Pair::new("[X]", "Ann")).unwrap();
        for number in 100..110 {
            all.vault(key(&number.to_string()), &limits, later);
        }
        assert_eq!(all.vault(key("24"), &limits, later).len(), 1);
        let full = all.vault(key("full"), &ConversationLimits { pairs_max: 1, ..limits }, later);
        full.append(Pair::new("[X]", "Ann")).unwrap();
        assert!(full.append(Pair::new("[Y]", "Bob")).is_err());
    }
}
