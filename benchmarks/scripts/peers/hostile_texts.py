"""Texts to compare two guards with: ordinary, odd and hostile, the same ones for the same seed.

All are put together here, word by word; none was taken from anywhere. Cards, keys and addresses are drawn, never issued.
"""

import json
import random
import string

WORDS = (
    "the a an and or but if then so very really never not least at of to in on for with without from into over under "
    "harbour kettle ledger orchard parcel lantern meadow turbine violin walnut compass drawer engine ferry garden "
    "invoice jacket kitchen ladder market needle office pocket quarry river signal table umbrella valley window "
    "opened carried counted followed listened measured painted repaired waited wandered answered borrowed collected "
    "good bad great awful horrible lovely nice ugly happy sad angry calm terrible wonderful love hate like fear hope "
    "kind sort just enough this that she he they we you I our their is was are were has had cannot can't won't isn't"
).split()
BANNED = ["backdoor", "a keylogger", "ransomware", "cat", "cats", "concatenate", "Straße", "İstanbul", "naïve", "бот"]
EMOTICONS = [":)", ":(", ":-D", ";-)", "<3", "XD", "LOL", "sux", "!!!", "???", "!?!"]
SCRIPTS = [
    "Ελληνικά κείμενο", "русский текст", "עִבְרִית", "العربية‌ها", "हिन्दी का पाठ", "ไทยภาษา", "中文没有空格", "日本語の文",
    "한국어 문장", "é́è̀", "ﬁne ﬂow", "ΣΊΣΥΦΟΣ", "ǅ ǆ Ǆ", "Ⅷ ½ ² ①", "👩‍👩‍👧 🏳️‍🌈 👍🏽", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "ｆｕｌｌｗｉｄｔｈ",
]
INVISIBLE = ["\u200b", "\u200d", "\u00ad", "\ufeff", "\u202e", "\u2066", "\U000e0041", "\ue000", "\u0378", "\uffff", "\u0600", "\u180e"]
SPACES = [" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\x1c", "\x85", "\u2028"]


class Texts:
    """Draws texts from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def draw(self, count):
        kinds = [
            (20, self.prose), (8, self.feelings), (8, self.scripts), (5, self.invisible), (8, self.json_good),
            (16, self.json_broken), (10, self.personal), (5, self.placeholders), (4, self.secrets), (5, self.markup),
            (6, self.banned), (2, self.blank), (1, self.huge), (4, self.noise),
        ]
        weights = [weight for weight, _ in kinds]
        chosen = self.random.choices([kind for _, kind in kinds], weights, k=count)
        return [kind() for kind in chosen]

    def pick(self, options):
        return self.random.choice(options)

    def letters(self, alphabet, length):
        return "".join(self.random.choices(alphabet, k=length))

    def sentence(self, low=3, high=18):
        words = [self.pick(WORDS) for _ in range(self.random.randint(low, high))]
        if self.random.random() < 0.1:
            place = self.random.randrange(len(words))
            words[place] = words[place].upper()
        if self.random.random() < 0.15:
            words[self.random.randrange(len(words))] += self.pick([",", ";", ":", "!", '"', "'", "?!"])
        text = " ".join(words)
        return text[0].upper() + text[1:] + self.pick([".", ".", "!", "?", "", "..."])

    def prose(self):
        return self.pick(SPACES).join(self.sentence() for _ in range(self.random.randint(1, 8)))

    def feelings(self):
        parts = [self.sentence(2, 9) for _ in range(self.random.randint(1, 4))]
        parts += [self.pick(EMOTICONS) for _ in range(self.random.randint(0, 3))]
        self.random.shuffle(parts)
        text = " ".join(parts)
        return text.upper() if self.random.random() < 0.1 else text

    def scripts(self):
        parts = [self.pick(SCRIPTS + WORDS) for _ in range(self.random.randint(1, 12))]
        return self.pick(SPACES).join(parts)

    def invisible(self):
        text = list(self.sentence())
        for _ in range(self.random.randint(1, 4)):
            text.insert(self.random.randrange(len(text) + 1), self.pick(INVISIBLE))
        return "".join(text)

    def value(self, depth=0):
        kind = self.random.random()
        if depth < 3 and kind < 0.25:
            return {self.pick(WORDS): self.value(depth + 1) for _ in range(self.random.randint(0, 4))}
        if depth < 3 and kind < 0.4:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 4))]
        return self.pick([
            self.sentence(1, 5), self.pick(SCRIPTS), self.random.randint(-999, 10**12), self.random.uniform(-1e9, 1e-9),
            True, False, None, "", "it's", 'say "no"', "a, b: c", "{x}", "x]", "line\nfeed",
        ])

    def object(self):
        value = {self.pick(WORDS): self.value() for _ in range(self.random.randint(0, 5))}
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5, indent=self.pick([None, None, 1]))

    def json_good(self):
        before, behind = ["", self.sentence(1, 6) + " ", "```json\n"], ["", " " + self.object(), "\n```"]
        return self.pick(before) + self.object() + self.pick(behind)

    def json_broken(self):
        text = list(self.json_good())
        for _ in range(self.random.randint(1, 4)):
            if not text:
                break
            place = self.random.randrange(len(text))
            marks = [at for at, character in enumerate(text) if character in '"{}[]:,\\']
            if marks and self.random.random() < 0.7:
                place = self.pick(marks)
            change = self.random.random()
            if change < 0.45:
                del text[place]
            elif change < 0.7:
                text[place] = self.pick(list('"\'“”{}[]:,\\ \n#/.-0tfn'))
            else:
                text.insert(place, self.pick(list('"\'“”{}[]:,\\ \n#/.-0tfn') + ["// c\n", "/* c */", '""', "...", "\\\\"]))
        return "".join(text)

    def personal(self):
        digits = lambda count: self.letters(string.digits, count)
        name = self.letters(string.ascii_lowercase, 6)
        mail = f"{name}.{self.pick(WORDS)}@{self.letters(string.ascii_lowercase, 7)}.{self.pick(['com', 'org', 'io', 'de', 'zz'])}"
        card = "4" + digits(15)
        data = [
            mail, mail, f"{name}[AT]mail[DOT]com", f"10.{self.random.randint(0, 255)}.0.{self.random.randint(0, 300)}",
            card, " ".join(card[at:at + 4] for at in range(0, 16, 4)), luhn(card[:15]), f"{digits(3)}-{digits(2)}-{digits(4)}",
            f"{self.letters('0123456789abcdef', 8)}-1a2b-4c3d-8e9f-{self.letters('0123456789abcdef', 12)}",
            f"(212) 555-{digits(4)}", f"+44 20 7946 {digits(4)}", "DE89370400440532013000", "::1", "2001:db8::1", digits(10),
        ]
        leads = ["", "mail ", "my card ", "phone: ", "ssn ", "ip ", "call ", "account ", "Ann's ", "('", "iban "]
        parts = []
        for _ in range(self.random.randint(1, 4)):
            parts.append(self.pick(leads) + self.pick(data))
            if self.random.random() < 0.6:
                parts.append(self.sentence(1, 6))
        return self.pick([" ", ", ", "\n", " and ", "; "]).join(parts)

    def placeholders(self):
        kind = lambda: self.pick(["PERSON", "EMAIL_ADDRESS", "EMAIL_ADDRESS_RE", "CUSTOM", "PHONE_NUMBER"])
        one = lambda: f"[REDACTED_{kind()}_{self.random.randint(1, 12)}]"
        shapes = [
            one, one, lambda: f"[{one()}]", lambda: one().lower(), lambda: one()[:-1], lambda: one().replace("_", " "),
            lambda: f"[REDACTED_{one()}_1]", lambda: "[REDACTED]", lambda: "******", lambda: "<PERSON>",
        ]
        parts = [self.pick(shapes)() if self.random.random() < 0.6 else self.sentence(1, 5) for _ in range(self.random.randint(2, 7))]
        return self.pick([" ", "", ", "]).join(parts)

    def secrets(self):
        an = string.ascii_letters + string.digits
        keys = [
            "ghp_" + self.letters(an, 36), "AKIA" + self.letters(string.ascii_uppercase + "234567", 16),
            "sk_live_" + self.letters(an, 24), "glpat-" + self.letters(an, 20), "hf_" + self.letters(string.ascii_letters, 34),
            "SG." + self.letters(an, 66), self.letters(an + "+/", 40), self.letters("0123456789abcdef", 32),
        ]
        key = self.pick(keys)
        shape = self.pick(["token = '{}'", "{}", "my key is {} ok", 'api_key: "{}"', "export KEY={}", "call({!r})", "{} {}"])
        return f"{self.sentence(1, 6)}\n{shape.format(key, key)}\n{self.pick(['', self.sentence(1, 6)])}"

    def markup(self):
        url = f"http{self.pick(['', 's'])}://{self.letters(string.ascii_lowercase, 8)}.{self.pick(['com', 'org', 'test'])}/{self.letters(an_url, 8)}"
        return self.pick([
            f"# {self.sentence(1, 4)}\n\n**{self.pick(WORDS)}** see [{self.pick(WORDS)}]({url})", f"<a href=\"{url}\">{self.sentence(1, 3)}</a>",
            f"```python\nfor {self.pick(WORDS)} in range({self.random.randint(1, 99)}):\n    print('{self.pick(WORDS)}')\n```", f"Bearer {self.letters(an_url, 20)} {url}",
            f"def f(x): {{ return x[{self.random.randint(0, 9)}]; }}", "{{" + self.pick(WORDS) + "}} ${HOME} {%" + self.pick(WORDS) + "%}",
            f"I'm sorry, but {self.sentence()} As an AI I cannot.", f"<|endoftext|> {self.sentence()}" if self.random.random() < 0.2 else f"a|b {url}",
        ])

    def banned(self):
        parts = []
        for _ in range(self.random.randint(1, 6)):
            word = self.pick(BANNED)
            word = self.pick([word, word.upper(), word.title(), word + "s", "x" + word, word + word, word[:-1]])
            parts.append(word if self.random.random() < 0.7 else self.sentence(1, 5))
        return self.pick([" ", "", "-", "_", "\u0301 ", "'"]).join(parts)

    def blank(self):
        return "".join(self.pick(SPACES) for _ in range(self.random.randint(0, 6)))

    def huge(self):
        part = self.pick([self.prose, self.json_broken, self.personal, self.scripts, self.banned])()
        return (part + self.pick(SPACES)) * self.random.randint(20, max(21, 20_000 // (len(part) + 1)))

    def noise(self):
        alphabet = string.printable + "".join(SCRIPTS) + "".join(INVISIBLE) + "İıſKµßẞ"
        return self.letters(alphabet, self.random.randint(1, 120))


an_url = string.ascii_letters + string.digits + "-._~"


def luhn(digits):
    """`digits` with the check digit behind them."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        double = int(digit) * (2 if place % 2 == 0 else 1)
        total += double - 9 if double > 9 else double
    return digits + str(-total % 10)
