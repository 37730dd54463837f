"""Random tokens in the public formats of many providers, with their checksums, put at known places in clean files.

The formats come from the providers' documentation and announcements, not from any scanner's rules, so that no tool is
measured against its own patterns. Every token is drawn here and opens nothing.
"""

import base64
import json
import string
import zlib
from pathlib import Path

LOWER, DIGITS, HEX = string.ascii_lowercase, string.digits, "0123456789abcdef"
ALNUM = string.ascii_letters + DIGITS
UPPER_ALNUM = string.ascii_uppercase + DIGITS
URL_SAFE = ALNUM + "-_"
BASE32 = string.ascii_uppercase + "234567"
# The order of digits in bech32 (BIP 173).
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# The order of digits in GitHub's and npm's base 62.
BASE62 = DIGITS + string.ascii_uppercase + string.ascii_lowercase


class Draw:
    """Draws strings from a seeded generator."""

    def __init__(self, random):
        self.random = random

    def of(self, alphabet, length):
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def bytes(self, count):
        return bytes(self.random.randrange(256) for _ in range(count))

    def word(self):
        syllables = ("ba", "co", "di", "fu", "ga", "hel", "jo", "ka", "lim", "mo", "nor", "pe", "qui", "ras", "tu", "ves")
        return "".join(self.random.choice(syllables) for _ in range(3))


def with_crc32(prefix, body):
    """GitHub's and npm's form: six base-62 digits of the CRC-32 of the random part stand behind it."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return prefix + body + digits


def url_base64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(draw):
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": draw.of(DIGITS, 10), "iat": 1700000000 + draw.random.randrange(10**7)}]
    signed = [url_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts]
    return ".".join(signed + [url_base64(draw.bytes(32))])


def pypi(draw):
    """A version 2 macaroon as PyPI makes it: location, identifier, one caveat, signature."""
    identifier = "-".join(draw.of(HEX, length) for length in (8, 4, 4, 4, 12)).encode()
    caveat = json.dumps([3, draw.word() + "-" + draw.of(HEX, 8)]).encode()
    field = lambda kind, data: bytes([kind, len(data)]) + data
    data = b"\x02" + field(1, b"pypi.org") + field(2, identifier) + b"\x00" + field(2, caveat) + b"\x00\x00"
    return "pypi-" + url_base64(data + field(6, draw.bytes(32)))


def private_key(draw):
    """An Ed25519 key in PKCS #8 (RFC 8410): a fixed head and 32 random bytes, which is all that makes it valid."""
    der = bytes.fromhex("302e020100300506032b657004220420") + draw.bytes(32)
    return f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----"


def aws_pair(draw):
    return f"AKIA{draw.of(BASE32, 16)}\"\naws_secret_access_key = \"{draw.of(ALNUM + '+/', 40)}"


def url(scheme, rest):
    return lambda draw: f"{scheme}://{draw.word()}:{draw.of(ALNUM, 18)}@{draw.word()}.{rest}"


def fixed(prefix, alphabet, length, suffix=""):
    return lambda draw: prefix + draw.of(alphabet, length) + suffix


def age_key(draw):
    """age's secret key: bech32 (BIP 173) of 32 bytes under `age-secret-key-`, in capitals."""
    human, bits = "age-secret-key-", int.from_bytes(draw.bytes(32), "big") << 4
    data = [bits >> 5 * (51 - index) & 31 for index in range(52)]
    values = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human] + data + [0] * 6
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    data += [(check ^ 1) >> 5 * (5 - index) & 31 for index in range(6)]
    return (human + "1" + "".join(BECH32[value] for value in data)).upper()


# Provider, as it stands in the name of the variable, and its token.
PROVIDERS = [
    ("age", age_key),
    ("airtable", lambda draw: f"pat{draw.of(ALNUM, 14)}.{draw.of(HEX, 64)}"),
    ("anthropic", fixed("sk-ant-api03-", URL_SAFE, 93, "AA")),
    ("aws", aws_pair),
    ("azure_storage", lambda draw: f"DefaultEndpointsProtocol=https;AccountName={draw.word()};AccountKey="
     f"{base64.b64encode(draw.bytes(64)).decode()};EndpointSuffix=core.windows.net"),
    ("contentful", fixed("CFPAT-", URL_SAFE, 43)),
    ("crates_io", fixed("cio", ALNUM, 32)),
    ("databricks", fixed("dapi", HEX, 32)),
    ("digitalocean", fixed("dop_v1_", HEX, 64)),
    ("discord_webhook", lambda draw: "https://discord.com/api/webhooks/1" + draw.of(DIGITS, 18) + "/" + draw.of(URL_SAFE, 68)),
    ("docker", fixed("dckr_pat_", URL_SAFE, 27)),
    ("doppler", fixed("dp.pt.", ALNUM, 43)),
    ("figma", fixed("figd_", URL_SAFE, 40)),
    ("flyio", fixed("fo1_", URL_SAFE, 43)),
    ("github", lambda draw: with_crc32(draw.random.choice(("ghp_", "gho_", "ghs_")), draw.of(ALNUM, 30))),
    ("gitlab", fixed("glpat-", ALNUM, 20)),
    ("google", fixed("AIzaSy", URL_SAFE, 33)),
    ("groq", fixed("gsk_", ALNUM, 52)),
    ("huggingface", fixed("hf_", string.ascii_letters, 34)),
    ("jwt", jwt),
    ("linear", fixed("lin_api_", ALNUM, 40)),
    ("mailchimp", lambda draw: draw.of(HEX, 32) + f"-us{draw.random.randrange(1, 22)}"),
    ("mailgun", fixed("key-", HEX, 32)),
    ("mongodb", url("mongodb+srv", "mongodb.net/app")),
    ("newrelic", fixed("NRAK-", UPPER_ALNUM, 27)),
    ("notion", lambda draw: f"ntn_{draw.of(DIGITS, 11)}{draw.of(ALNUM, 35)}"),
    ("npm", lambda draw: with_crc32("npm_", draw.of(ALNUM, 30))),
    ("openai", lambda draw: f"sk-proj-{draw.of(URL_SAFE, 74)}T3BlbkFJ{draw.of(URL_SAFE, 74)}"),
    ("perplexity", fixed("pplx-", ALNUM, 48)),
    ("planetscale", fixed("pscale_tkn_", URL_SAFE, 43)),
    ("postgres", url("postgres", "net:5432/app")),
    ("postman", lambda draw: f"PMAK-{draw.of(HEX, 24)}-{draw.of(HEX, 34)}"),
    ("private_key", private_key),
    ("pulumi", fixed("pul-", HEX, 40)),
    ("pypi", pypi),
    ("redis", url("redis", "net:6379/0")),
    ("replicate", fixed("r8_", ALNUM, 37)),
    ("rubygems", fixed("rubygems_", HEX, 48)),
    ("sendgrid", lambda draw: f"SG.{draw.of(URL_SAFE, 22)}.{draw.of(URL_SAFE, 43)}"),
    ("shopify", fixed("shpat_", HEX, 32)),
    ("slack", lambda draw: f"xoxb-{draw.of(DIGITS, 12)}-{draw.of(DIGITS, 13)}-{draw.of(ALNUM, 24)}"),
    ("slack_webhook", lambda draw: "https://hooks.slack.com/services/T0" + draw.of(UPPER_ALNUM, 9) + "/B0"
     + draw.of(UPPER_ALNUM, 9) + "/" + draw.of(ALNUM, 24)),
    ("stripe", fixed("sk_live_", ALNUM, 24)),
    ("supabase", fixed("sbp_", HEX, 40)),
    ("telegram", lambda draw: f"{draw.random.randrange(10**9, 7 * 10**9)}:AA{draw.of(URL_SAFE, 33)}"),
    ("terraform", lambda draw: f"{draw.of(ALNUM, 14)}.atlasv1.{draw.of(ALNUM, 67)}"),
    ("twilio", fixed("SK", HEX, 32)),
    ("vault", fixed("hvs.CAESI", URL_SAFE, 86)),
    ("xai", fixed("xai-", ALNUM, 80)),
]
# Secrets of no provider: only the name before them and their look tell.
GENERIC_NAMES = ("password", "db_password", "api_key", "secret_key", "auth_token", "client_secret", "access_token")
GENERIC_ALPHABETS = (ALNUM, ALNUM + "!#%&*+-=?@^_~", HEX)
PROSE_LINES = ("The {name} is {token} until Friday.", "Please use this {name}: {token}", "{name} = {token}")
CODE_LINES = {
    ".rs": ("    let {name} = \"{token}\";", "const {NAME}: &str = \"{token}\";"),
    ".py": ("{name} = \"{token}\"", "    \"{name}\": \"{token}\","),
    ".c": ("static const char *{name} = \"{token}\";", "#define {NAME} \"{token}\""),
    ".yml": ("{name}: \"{token}\"",),
    ".toml": ("{name} = \"{token}\"",),
    ".json": ("  \"{name}\": \"{token}\",",),
}
DEFAULT_CODE = ("const {name} = \"{token}\";", "    {name}: \"{token}\",")


def line_for(draw, name, token, file_name, prose):
    """A line that holds the token, and where the token stands in it."""
    lines = PROSE_LINES if prose else CODE_LINES.get(Path(file_name).suffix, DEFAULT_CODE)
    template = draw.random.choice(lines)
    line = template.replace("{name}", name).replace("{NAME}", name.upper())
    at = line.index("{token}")
    return line.replace("{token}", token), at


def plant(files, kinds, random, per_provider=8, generic=100):
    """Files with tokens put between their lines, and the plants {file index: [(start, end, class, provider)]}.

    `kinds` says for each file whether it is "prose" or "code". Two plants never share a file.
    """
    draw = Draw(random)
    wanted = [("provider", name, make) for name, make in PROVIDERS for _ in range(per_provider)]
    wanted += [("generic", name, None) for name in GENERIC_NAMES * (generic // len(GENERIC_NAMES) + 1)][:generic]
    chosen = random.sample(range(len(files)), min(len(wanted), len(files)))
    files, plants = list(files), {}
    for index, (kind, name, make) in zip(chosen, wanted if len(chosen) == len(wanted) else random.sample(wanted, len(chosen))):
        file_name, data = files[index]
        if kind == "provider":
            token = make(draw)
            key = name if name in ("jwt", "private_key") else f"{name}_token"
        else:
            token, key = draw.of(random.choice(GENERIC_ALPHABETS), random.randrange(16, 33)), name
        line, at = line_for(draw, key, token, file_name, kinds[index] == "prose")
        cut = data.find(b"\n", random.randrange(len(data))) + 1
        files[index] = (file_name, data[:cut] + line.encode() + b"\n" + data[cut:])
        # Tokens, names and templates are ASCII, so characters are bytes.
        plants.setdefault(index, []).append((cut + at, cut + at + len(token), kind, name))
    return files, plants
