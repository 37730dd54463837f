//! `llm-shield probe`: whether a server on this machine is ready; for containers that hold nothing else to ask with.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(crate) struct ProbeArgs {
    /// Address of the server
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Port of the server
    #[arg(long, default_value_t = 8000, env = "LLM_SHIELD_PORT")]
    port: u16,
}

/// Exit 0 when `/readyz` answers 200, 1 when it answers otherwise, 2 when it does not answer.
pub(crate) fn run(args: &ProbeArgs) -> Result<ExitCode> {
    let address = SocketAddr::new(args.address, args.port);
    let status = ask(address).with_context(|| format!("no answer from {address}"))?;
    Ok(if status == "200" { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The status of `/readyz`.
fn ask(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let head = std::str::from_utf8(&head)?;
    let status = head.strip_prefix("HTTP/1.1 ").context("that is no HTTP server")?;
    Ok(status.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_status_is_read_and_what_is_no_server_is_an_error() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Some("200")),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", Some("503")),
            ("SSH-2.0-OpenSSH_9.2p1\r\n", None),
            ("", None),
        ] {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 20];
                stream.read_exact(&mut request).unwrap();
                assert!(request.starts_with(b"GET /readyz HTTP/1.1"));
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(ask(address).ok().as_deref(), expected, "{answer}");
            server.join().unwrap();
        }
    }
}
