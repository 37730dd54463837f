//! Words that tell what a name, a value or a line is about.

use std::sync::LazyLock;

/// Classes of words, in the order of the bits of a [`Mask`], each a line of words separated by blanks.
///
/// A word belongs to one class at most. The classes are what the model learns from, so that it never sees a
/// particular word of its training texts.
const CLASSES: [(&str, &str); 36] = [
    (
        "password",
        "pass password passwd passwort passphrase passcode pwd pw psw passwords kennwort senha contrasena",
    ),
    ("secret", "secret secrets"),
    ("token", "token tokens apitoken"),
    ("key", "key keys apikey nkey accesskey secretkey pkey"),
    ("api", "api apis"),
    ("access", "access refresh bearer"),
    ("private", "private master shared signing encryption symmetric secure"),
    ("public", "public pub"),
    (
        "auth",
        "auth authorization authorize authenticate authentication oauth basic authenticator login signin",
    ),
    ("credential", "credential credentials cred creds"),
    ("salt", "salt nonce iv seed random pepper noncestr cnonce"),
    ("client", "client consumer app application bot webhook"),
    ("id", "id ids uid guid uuid kid identifier arn"),
    ("user", "name names username user users account email mail admin root"),
    (
        "about",
        "file filename path dir directory url uri type types length len size count field fields title text message \
         error prefix suffix policy expires expiry expiration expire ttl timeout format algorithm alg version header \
         endpoint kind class index template pattern regex column limit max min enabled required provider store \
         manager service handler method mode status state ref var variable parameter scheme strategy reset page \
         rotation usage location source encoder validator strength issuer audience spec",
    ),
    (
        "test",
        "test tests testing spec mock fake dummy stub fixture fixtures sample example examples demo assert expect \
         should describe it equal equals",
    ),
    ("placeholder", "your my some changeme placeholder insert replace enter xxx xxxx todo here foo bar baz"),
    (
        "hash",
        "hash sha md digest checksum integrity etag crc commit revision rev fingerprint thumbprint hashes blake oid",
    ),
    ("session", "session cookie cookies csrf xsrf jwt sid jsessionid phpsessid"),
    ("sign", "sign signature signed hmac verify verifier verified"),
    (
        "declaration",
        "def func function fn return import interface const let static final namespace package use",
    ),
    (
        "type",
        "string str int bool boolean char void object null none true false nil undefined optional vec self this",
    ),
    ("environment", "export env environ environment getenv config settings conf properties configuration"),
    (
        "connection",
        "host hostname port server database db connect connection mysql postgres postgresql redis mongo mongodb jdbc \
         dsn ftp ssh smtp ldap",
    ),
    (
        "prose",
        "is was are be the of to a an and for with that can must will have in on by from not or as if when",
    ),
    (
        "advice",
        "forgot forgotten invalid wrong incorrect confirm confirmation minimum maximum least characters please",
    ),
    ("verb", "get set put add create update delete find remove parse read write load save has contains"),
    ("data", "data value values content body payload input output param params args result response request"),
    ("image", "image png jpg jpeg svg gif font woff css color icon style jpegphoto"),
    ("http", "http https headers curl post www html href src"),
    ("crypto", "aes rsa des cipher crypt encrypt encrypted decrypt bcrypt pbkdf scrypt hex ec ecdsa ed der"),
    ("certificate", "certificate cert certs pem crt ca certificates ssl tls"),
    ("map", "map dict array list sort primary foreign cache partition range item row entry object column"),
    ("package", "lock resolved npm yarn pip cargo crate module dependencies license copyright"),
    ("interface", "label button form hint help description tooltip click menu option checkbox"),
    (
        "about secrets",
        "used generated generate rotate needed optional provide provided given specify specified",
    ),
];

/// How many classes there are.
pub(super) const COUNT: usize = CLASSES.len();

/// One bit a class.
pub(super) type Mask = u64;

/// Name of the class of a bit.
pub(super) const fn class(bit: usize) -> &'static str {
    CLASSES[bit].0
}

const SLOTS: usize = 2048;
static TABLE: LazyLock<Vec<(u32, u8)>> = LazyLock::new(|| {
    let mut table = vec![(0, u8::MAX); SLOTS];
    for ((_, words), class) in CLASSES.iter().zip(0u8..) {
        for word in words.split_ascii_whitespace() {
            let hash = word.bytes().fold(FNV_OFFSET, step);
            let mut slot = hash as usize % SLOTS;
            while table[slot].1 != u8::MAX && table[slot].0 != hash {
                slot = (slot + 1) % SLOTS;
            }
            if table[slot].1 == u8::MAX {
                table[slot] = (hash, class);
            }
        }
    }
    table
});

/// FNV-1a, 32 bits.
const FNV_OFFSET: u32 = 0x811c_9dc5;
const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ (byte | 0x20) as u32).wrapping_mul(0x0100_0193)
}

/// The classes of the words in `bytes`: runs of ASCII letters, cut where a capital follows a small letter.
pub(super) fn mask(bytes: &[u8]) -> Mask {
    let table = &**TABLE;
    let mut mask = 0;
    let mut hash = FNV_OFFSET;
    let mut letters = 0usize;
    let mut previous = 0u8;
    let mut end_word = |hash: u32, letters: usize| {
        if letters == 0 || letters > 16 {
            return;
        }
        let mut slot = hash as usize % SLOTS;
        while table[slot].1 != u8::MAX {
            if table[slot].0 == hash {
                mask |= 1 << table[slot].1;
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
    };
    for &byte in bytes {
        if !byte.is_ascii_alphabetic() {
            if letters > 1 {
                end_word(hash, letters);
            }
            (hash, letters) = (FNV_OFFSET, 0);
        } else if byte.is_ascii_uppercase() && previous.is_ascii_lowercase() {
            end_word(hash, letters);
            (hash, letters) = (step(FNV_OFFSET, byte), 1);
        } else {
            hash = step(hash, byte);
            letters += 1;
        }
        previous = byte;
    }
    end_word(hash, letters);
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_spelling() {
        let names = |text: &str| -> Vec<&str> {
            let mask = mask(text.as_bytes());
            (0..COUNT).filter(|bit| mask >> bit & 1 == 1).map(class).collect()
        };
        for (text, expected) in [
            ("clientSecret", &["secret", "client"][..]),
            ("CLIENT_SECRET", &["secret", "client"]),
            ("api-key2", &["key", "api"]),
            ("monkey", &[]),
            ("the sha256 of it", &["test", "hash", "prose"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }
}
