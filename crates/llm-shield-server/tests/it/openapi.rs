//! What the description of the API says is there is there, and nothing else.

use axum::http::{Method, StatusCode};
use llm_shield_server::{Limits, app};

use crate::setup::{call, config, guards, router};

#[tokio::test]
async fn every_operation_exists_and_no_other_method_does() {
    let router = app(guards(), &config(Limits::default()));
    let answer = call(&router, Method::GET, "/openapi.json", "").await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    let document = answer.json();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = call(&router, method.clone(), path, "{}").await;
            let operation = &item[method.as_str().to_lowercase()];
            if operation.is_null() {
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            } else {
                operations += 1;
                assert!(
                    operation["responses"][answer.status.as_str()].is_object(),
                    "{method} {path}: {}",
                    answer.status
                );
            }
        }
    }
    assert!(operations >= 15, "{operations}");
}

#[tokio::test]
async fn the_document_is_one_of_the_routes_it_names() {
    let document = call(&router(), Method::GET, "/openapi.json", "").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(document["paths"]["/openapi.json"].is_object());
}
