//! What the server remembers for a conversation, and for whom.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::setup::{post_with, send, served};

const POLICY: &str = "
input_scanners:
  - type: Anonymize
    params: {entity_types: [EMAIL_ADDRESS]}
output_scanners:
  - type: Deanonymize
conversations: {expire_after: 60, count_max: 100}
";

const PLACEHOLDER: &str = "[REDACTED_EMAIL_ADDRESS_1]";

async fn ask(router: &Router, path: &str, headers: &[(&str, &str)], body: Value) -> Value {
    let answer = post_with(router, path, headers, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_named_conversation_gets_back_what_was_taken_out_of_it() {
    let router = served(POLICY);
    let header = [("x-llm-shield-conversation", "c-1")];
    let first = ask(&router, "/analyze/prompt", &header, json!({"prompt": "mail ann@mail.com"})).await;
    assert_eq!(first["sanitized_prompt"], format!("mail {PLACEHOLDER}"));
    assert_eq!(first.get("vault"), None, "what the server remembers it does not hand out");
    let second = json!({"prompt": "and bob@mail.com, not ann@mail.com", "conversation": "c-1"});
    let second = ask(&router, "/analyze/prompt", &[], second).await;
    assert_eq!(second["sanitized_prompt"], format!("and [REDACTED_EMAIL_ADDRESS_2], not {PLACEHOLDER}"));
    let output =
        json!({"prompt": "and so on", "output": format!("{PLACEHOLDER}, [REDACTED_EMAIL_ADDRESS_2]")});
    let restored = ask(&router, "/analyze/output", &header, output.clone()).await;
    assert_eq!(restored["sanitized_output"], "ann@mail.com, bob@mail.com");
    let other = ask(&router, "/analyze/output", &[("x-llm-shield-conversation", "c-2")], output).await;
    assert_eq!(other["sanitized_output"], format!("{PLACEHOLDER}, [REDACTED_EMAIL_ADDRESS_2]"));
}

#[tokio::test]
async fn a_client_that_names_none_gets_back_what_its_own_prompt_holds() {
    let router = served(POLICY);
    let prompt = "mail ann@mail.com";
    ask(&router, "/analyze/prompt", &[], json!({"prompt": "mail eve@mail.com"})).await;
    ask(&router, "/analyze/prompt", &[], json!({"prompt": prompt})).await;
    let output = json!({"prompt": prompt, "output": format!("sent to {PLACEHOLDER}")});
    let restored = ask(&router, "/analyze/output", &[], output).await;
    assert_eq!(restored["sanitized_output"], "sent to ann@mail.com");
    let stranger = json!({"prompt": format!("mail {PLACEHOLDER}"), "output": PLACEHOLDER});
    let kept = ask(&router, "/analyze/output", &[], stranger).await;
    assert_eq!(kept["sanitized_output"], PLACEHOLDER, "who does not know the value does not learn it");
}

#[tokio::test]
async fn callers_with_different_tokens_never_meet() {
    let policy = POLICY.replace('\n', "\n      ");
    let policy = policy.split("conversations:").next().unwrap();
    let router = served(&format!(
        "auth: {{type: http_bearer, token: one}}\npolicies:\n  - name: team\n    tokens: [two]\n    policy:{policy}\n{POLICY}"
    ));
    let as_one = [("authorization", "Bearer one"), ("x-llm-shield-conversation", "c")];
    let as_two = [("authorization", "Bearer two"), ("x-llm-shield-conversation", "c")];
    ask(&router, "/analyze/prompt", &as_one, json!({"prompt": "mail ann@mail.com"})).await;
    let output = json!({"prompt": "x", "output": PLACEHOLDER});
    let two = ask(&router, "/analyze/output", &as_two, output.clone()).await;
    assert_eq!(two["sanitized_output"], PLACEHOLDER);
    let one = ask(&router, "/analyze/output", &as_one, output).await;
    assert_eq!(one["sanitized_output"], "ann@mail.com");
}

#[tokio::test]
async fn a_conversation_can_be_forgotten_and_needs_a_sound_name() {
    let router = served(POLICY);
    let named = [("x-llm-shield-conversation", "c")];
    ask(&router, "/analyze/prompt", &named, json!({"prompt": "mail ann@mail.com"})).await;
    let forget = async |name: &str| {
        let request = Request::delete("/conversation").header("x-llm-shield-conversation", name);
        let answer = send(&router, request.body(Body::empty()).unwrap()).await;
        (answer.status.as_u16(), answer.json())
    };
    assert_eq!(forget("c").await, (200, json!({"status": "forgotten"})));
    assert_eq!(forget("c").await, (200, json!({"status": "unknown"})));
    assert_eq!(forget("two words").await.0, 400);
    let output = json!({"prompt": "x", "output": PLACEHOLDER});
    assert_eq!(ask(&router, "/analyze/output", &named, output).await["sanitized_output"], PLACEHOLDER);
    let long = "x".repeat(257);
    for name in ["", "two words", long.as_str()] {
        let answer =
            post_with(&router, "/analyze/prompt", &[("x-llm-shield-conversation", name)], "{}").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name:?}");
    }
}
