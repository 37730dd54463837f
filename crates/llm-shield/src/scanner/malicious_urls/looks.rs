//! Signs in the form of a link that phishing and malware have more often than others, and their weights.
//!
//! Weights and words were chosen by hand from what is commonly written about phishing; only where the sum turns into a
//! probability of one half was set on development data.

/// Names that phishing borrows.
const BRANDS: [&str; 32] = [
    "paypal",
    "apple",
    "icloud",
    "amazon",
    "microsoft",
    "office365",
    "outlook",
    "netflix",
    "facebook",
    "instagram",
    "whatsapp",
    "google",
    "gmail",
    "yahoo",
    "dropbox",
    "docusign",
    "adobe",
    "linkedin",
    "ebay",
    "chase",
    "wellsfargo",
    "bankofamerica",
    "citibank",
    "hsbc",
    "barclays",
    "santander",
    "dhl",
    "fedex",
    "usps",
    "steam",
    "coinbase",
    "binance",
];
/// Words that ask for credentials.
const LURES: [&str; 22] = [
    "login",
    "log-in",
    "signin",
    "sign-in",
    "secure",
    "verify",
    "verification",
    "account",
    "update",
    "confirm",
    "webscr",
    "banking",
    "wallet",
    "password",
    "credential",
    "suspend",
    "unlock",
    "recover",
    "authenticate",
    "billing",
    "invoice",
    "customer-service",
];
/// Top-level domains that are cheap, or much abused.
const DOMAINS: [&str; 26] = [
    "tk", "ml", "ga", "cf", "gq", "xyz", "top", "club", "work", "click", "link", "icu", "cam", "rest",
    "buzz", "quest", "cyou", "su", "ru", "cn", "br", "pw", "cc", "info", "biz", "live",
];
/// Endings of programs.
const PROGRAMS: [&str; 15] =
    ["exe", "scr", "msi", "apk", "jar", "bat", "cmd", "vbs", "ps1", "hta", "dll", "iso", "img", "bin", "sh"];
/// Folders of content systems in which strangers' pages are hidden.
const FOLDERS: [&str; 6] =
    ["/wp-content/", "/wp-includes/", "/wp-admin/", "/components/com_", "/images/", "/.well-known/"];

/// The sum of weights at which a link is as likely malicious as not, and how steep it gets there.
const MIDDLE: f64 = 2.0;
const SLOPE: f64 = 1.5;
/// What is read of a link; the rest changes nothing.
const BYTES_MAX: usize = 2_048;

/// How malicious a link looks, from 0 to 1, and the sign that speaks most for it.
pub(super) fn judge(url: &str) -> (f64, &'static str) {
    let mut end = url.len().min(BYTES_MAX);
    while !url.is_char_boundary(end) {
        end -= 1;
    }
    let url = url[..end].to_lowercase();
    let signs = signs(&url);
    let sum: f64 = signs.iter().map(|&(_, weight)| weight).sum();
    let strongest = signs.into_iter().max_by(|left, right| left.1.total_cmp(&right.1));
    (1.0 / (1.0 + (-SLOPE * (sum - MIDDLE)).exp()), strongest.map_or("none", |(sign, _)| sign))
}

/// Signs and what each adds; `url` is in lower case.
fn signs(url: &str) -> Vec<(&'static str, f64)> {
    let (encrypted, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme == "https", rest),
        None => (false, url),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let server = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = server.split_once(':').unwrap_or((server, ""));
    let labels: Vec<&str> = host.split('.').collect();
    let number = is_number(host);
    let file = path.split(['?', '#']).next().unwrap_or_default();
    let ending =
        file.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, ending)| ending);
    let page = ["php", "html", "htm", "exe"].contains(&ending);
    let digits = host.bytes().filter(u8::is_ascii_digit).count();
    let top = labels.last().copied().unwrap_or_default();
    let subdomains = labels.len().saturating_sub(3 + usize::from(labels[0] == "www"));
    let hyphens = host.replace("xn--", "").matches('-').count();
    let lures = LURES.iter().filter(|lure| url.contains(**lure)).count();
    let sign = |holds: bool, weight: f64| if holds { weight } else { 0.0 };
    vec![
        ("address_in_numbers", sign(number, 2.5)),
        ("user_before_host", sign(authority.contains('@'), 3.0)),
        ("odd_port", sign(!["", "80", "443"].contains(&port), 1.5)),
        ("punycode", sign(host.contains("xn--"), 1.5)),
        ("top_level_domain", sign(DOMAINS.contains(&top) && !number, 1.0)),
        ("subdomains", 0.6 * subdomains.min(10) as f64),
        ("hyphens", 0.5 * hyphens.min(4) as f64),
        ("digits_in_host", sign(digits >= 4 && !number, 1.0)),
        ("brand_outside_its_domain", sign(BRANDS.iter().any(|brand| is_borrowed(brand, url, &labels)), 2.0)),
        ("asks_for_credentials", 0.8 * lures.min(3) as f64),
        ("program", sign(PROGRAMS.contains(&ending), 2.0)),
        ("script", sign(ending == "php", 1.2)),
        ("hidden_folder", sign(page && FOLDERS.iter().any(|folder| path.contains(folder)), 0.8)),
        ("length", sign(url.len() > 75, 0.7) + sign(url.len() > 120, 0.7)),
        ("address_in_path", sign(path.contains("//"), 0.8)),
        ("escapes", sign(path.matches('%').count() > 3, 0.5)),
        ("hexadecimal", sign(has_long_hexadecimal(path), 0.5)),
        ("not_encrypted", sign(!encrypted, 0.4)),
        ("bare_host", sign(["", "/"].contains(&path) && !number, -1.0)),
    ]
}

/// An address in numbers: four of them, or one.
fn is_number(host: &str) -> bool {
    let small =
        |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = host.split('.').collect();
    let hexadecimal =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (parts.len() == 4 && parts.iter().all(|part| small(part)))
        || host.strip_prefix("0x").is_some_and(hexadecimal)
        || ((8..=10).contains(&host.len()) && host.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a brand is named and the host is not the brand's own: `brand.tld`, or `brand.co.tld`.
fn is_borrowed(brand: &str, url: &str, labels: &[&str]) -> bool {
    let from_end = |place: usize| labels.len().checked_sub(place).map(|at| labels[at]);
    let second_level = from_end(2).is_some_and(|label| label.len() <= 3);
    let own = from_end(2) == Some(brand) || (second_level && from_end(3) == Some(brand));
    url.contains(brand) && !own
}

fn has_long_hexadecimal(path: &str) -> bool {
    path.split(|character: char| !character.is_ascii_hexdigit()).any(|run| run.len() >= 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_told_apart() {
        for (url, sign) in [
            ("http://203.0.113.7/a", "address_in_numbers"),
            ("http://3405803783/", "address_in_numbers"),
            ("https://mail.example.com@203.0.113.7/", "user_before_host"),
            ("https://paypal.example.org/", "brand_outside_its_domain"),
            ("https://files.example.org/setup.exe", "program"),
            ("https://xn--exmple-cua.org/a", "punycode"),
        ] {
            assert_eq!(judge(url).1, sign, "{url}");
        }
    }

    #[test]
    fn a_brand_at_home_is_no_sign() {
        for url in
            ["https://www.paypal.com/signin", "https://amazon.co.uk/gp/help", "https://drive.google.com/file"]
        {
            assert!(judge(url).0 < 0.5, "{url}");
        }
    }

    #[test]
    fn nothing_breaks_it() {
        for url in
            ["", "http://", "://", "@", "http://@:/?#", "....", "http://é.x/ü", &"http://a/%é".repeat(500)]
        {
            assert!((0.0..=1.0).contains(&judge(url).0), "{url:?}");
        }
    }
}
