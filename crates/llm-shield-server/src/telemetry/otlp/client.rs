//! The HTTP client behind the exporters: one connection a batch, on the server's own runtime and HTTP library.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Request, Response, header};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use super::{TelemetryError, authority};

/// How long a collector may take to answer a batch.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer of a collector that is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Sends to one host. The SDK calls it from threads of its own, so the runtime comes along.
#[derive(Debug, Clone)]
pub(super) struct Client {
    runtime: Handle,
    host: String,
    port: u16,
}

impl Client {
    /// To be called inside the runtime.
    pub(super) fn new(endpoint: &str) -> Result<Self, TelemetryError> {
        let (host, port) = authority(endpoint)?;
        Ok(Self { runtime: Handle::current(), host, port })
    }

    async fn exchange(self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let host = HeaderValue::try_from(format!("{}:{}", self.host, self.port))?;
        request.headers_mut().insert(header::HOST, host);
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = path.as_str().parse()?;
        }
        let (head, mut body) = sender.send_request(request.map(Body::from)).await?.into_parts();
        let mut collected = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
        {
            let Ok(data) = frame?.into_data() else { continue };
            if collected.len() + data.len() > ANSWER_BYTES_MAX {
                return Err("the collector's answer is too long".into());
            }
            collected.extend_from_slice(&data);
        }
        connection.abort();
        Ok(Response::from_parts(head, collected.into()))
    }
}

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let client = self.clone();
        let running =
            self.runtime.spawn(async move { tokio::time::timeout(PATIENCE, client.exchange(request)).await });
        Box::pin(async move { running.await?? })
    }
}
