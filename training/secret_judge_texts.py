"""Texts of our own for the judge of generic secrets: how people and programs write secrets, and what looks like it.

The credential set is lines of code whose secrets were replaced by random characters. A guard also reads chats, and
passwords that people think up; nothing else here teaches them. All values are drawn at random from a seed.
"""

import random
import string
import uuid

WORDS = (
    "summer winter autumn spring sunset harbor dragon tiger falcon monkey banana cookie coffee pepper ginger silver golden "
    "purple orange yellow thunder shadow phoenix rocket planet jupiter saturn neptune galaxy cosmos river forest mountain "
    "valley island castle knight wizard hunter ranger soccer hockey tennis guitar violin piano jazz mozart london berlin "
    "madrid paris tokyo sydney boston denver dallas austin michael jessica daniel andrea thomas sophie martin claudia "
    "freedom liberty victory justice kitten puppy bunny turtle dolphin penguin panda koala cherry mango lemon peach"
).split()
PLAIN = (
    "required optional valid invalid missing expired correct wrong case-sensitive stored hashed encrypted shown hidden "
    "empty unknown unchanged generated rotated revoked refreshed issued checked verified sent returned ignored optional "
    "mandatory unique short long weak strong shared private public known secure insecure simple complex temporary"
).split()
SERVICES = (
    "wifi router vpn database server laptop bank jenkins grafana staging production backup admin portal email ftp mysql "
    "postgres redis ssh gitlab payroll billing cluster firewall printer"
).split()
IDENTIFIERS = (
    "password user_password self.password config.api_key args.token options.secret settings.SECRET_KEY request.token "
    "authToken getToken() apiKey newPassword passwordField tokenType process.env.API_KEY os.environ.get env.TOKEN "
    "data.key row.key item.id key_id keyName sortKey cacheKey userId params.password form.password hashPassword None null "
    "true false undefined nil self string String str bytes token.value this.token ctx.secret next_token token_type "
    "credentials.password keyPair publicKey PASSWORD TOKEN SECRET_NAME secretRef secretKeyRef valueFrom inputPassword"
).split()
LABELS = (
    "Enter your password|Forgot your password?|Repeat password|Password must be at least 8 characters|Invalid token|"
    "Token expired|Copy the API key|Show password|Wrong user name or password|Choose a key|Press any key to continue|"
    "Passwort vergessen?|Mot de passe oublié|Contraseña incorrecta|パスワードを入力|Secret not found|Your access token|"
    "Authentication failed|Authorization required|Key bindings|Primary key|Sign in with a security key|Remember me|"
    "The token could not be parsed|Please sign in again|Missing credentials|unexpected token in line|key not found"
).split("|")

PASSWORD_NAMES = (
    "password passwd pwd pass db_password DB_PASSWORD dbPassword user_pass MYSQL_ROOT_PASSWORD adminPassword "
    "smtp.password spring.datasource.password PGPASSWORD ansible_ssh_pass passphrase keystore_password LDAP_BIND_PASSWORD "
    "redisPassword JENKINS_PASS passcode root_pwd"
).split()
SECRET_NAMES = (
    "secret client_secret clientSecret SECRET_KEY secret_key app_secret api_key apiKey API_KEY X-Api-Key token access_token "
    "accessToken auth_token AUTH_TOKEN refresh_token bot_token oauth_token_secret consumer_secret signing_key encryption_key "
    "ENCRYPTION_KEY jwt_secret JWT_SECRET session_secret cookie_secret private_token master_key license_key webhook_secret "
    "storage_account_key accountKey apikey authkey hmac_key SENTRY_AUTH_TOKEN"
).split()
HARMLESS_NAMES = (
    "key cache_key sort_key primary_key foreign_key keyboard keyword keywords public_key publicKeyToken key_id keyName "
    "token_type token_count max_tokens tokenizer tokens next_token author authority auth_type auth_method authorization_url "
    "password_field password_label passwordHint password_reset_url secret_name secretName secret_arn credential_type key_path "
    "private_key_path password_file token_url token_endpoint keymap monkey primaryKey i18n_key translation_key s3_key "
    "object_key commit_token csrf_field_name pass_through passed passive password_policy key_algorithm"
).split()


class Texts:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows = []

    def pick(self, of):
        return self.random.choice(of)

    def draw(self, alphabet, low, high=None):
        length = self.random.randint(low, high or low)
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def add(self, text, value, label, family):
        start = text.index(value) if value else -1
        self.rows.append({"text": text, "value_start": start, "value_end": start + len(value) if value else -1,
                          "label": label, "repo": "own/" + family, "category": family, "before": [], "after": []})

    # Values -----------------------------------------------------------------------------------------------------

    def thought_up(self):
        """A password as a person makes it."""
        word, other = self.pick(WORDS), self.pick(WORDS)
        digits = self.pick([self.draw(string.digits, 2), str(self.random.randint(1950, 2027)), self.draw(string.digits, 3, 4)])
        mark = self.pick("!@#$%&*?.-_+")
        swaps = {"a": "@", "e": "3", "i": "1", "o": "0", "s": "$"}
        leet = "".join(swaps.get(c, c) if self.random.random() < 0.7 else c for c in word)
        return self.pick([
            word.capitalize() + digits + mark, word.capitalize() + mark + digits, word + digits, leet + digits,
            leet.capitalize() + mark, word.capitalize() + other.capitalize() + digits, f"{word}-{other}-{digits}",
            word[:4] + digits + other[:3].upper() + mark, mark + word.upper() + digits + other[:2],
            f"{word.capitalize()}{mark}{other}{digits}", word[::-1] + digits, f"{word}_{other}{mark}{digits}",
        ])

    def drawn(self):
        """A password or short secret as a manager draws it."""
        return self.pick([
            self.draw(string.ascii_lowercase, 6, 14), self.draw(string.ascii_lowercase + string.digits, 8, 20),
            self.draw(string.ascii_letters + string.digits, 8, 24), self.draw(string.digits, 6, 12),
            self.draw(string.ascii_letters + string.digits + "!#%*+-.:;=?@^_~", 10, 24),
        ])

    def token(self):
        return self.pick([
            self.draw("0123456789abcdef", 32), self.draw("0123456789abcdef", 40), self.draw("0123456789abcdef", 64),
            self.draw(string.ascii_letters + string.digits, 16, 64), self.draw(string.ascii_letters + string.digits + "-_", 20, 86),
            self.draw(string.ascii_letters + string.digits + "+/", 42, 86) + "=", self.draw(string.ascii_uppercase + "234567", 16, 56),
            str(uuid.UUID(int=self.random.getrandbits(128), version=4)), self.draw(string.ascii_lowercase + string.digits, 20, 40),
            self.pick(["sk", "pk", "tok", "live", "app", "v1"]) + self.pick("_-.") + self.draw(string.ascii_letters + string.digits, 18, 40),
        ])

    def harmless(self):
        """What stands behind a name without being a secret."""
        word, other = self.pick(WORDS), self.pick(WORDS)
        return self.pick([
            word, other, f"{word}_{other}", f"{word}.{other}", f"{word}-{other}", word.capitalize(), word.upper(),
            f"{word.capitalize()}{other.capitalize()}", f"/{word}/{other}/{word}.pem", f"https://{word}.example.org/{other}",
            f"{word}:{other}", f"{word}{self.random.randint(1, 9)}", f"{word} {other}", f"X-{word.capitalize()}-Id",
            f"{word}.{other}.{word}.name", f"com.{word}.{other}", f"{self.random.randint(0, 99999)}", f"{word}/{other}",
            f"{self.random.randint(1, 20)}.{self.random.randint(0, 30)}.{self.random.randint(0, 9)}", f"{word}Key", f"{word}_token",
            self.pick(LABELS), self.pick(IDENTIFIERS), self.pick(PLAIN), f"my-{word}-secret", f"test_{word}", f"{word}-test",
            f"arn:aws:iam::{self.draw(string.digits, 12)}:role/{word}", f"projects/{word}/secrets/{other}", f"<{word}-{other}>",
            f"${{{word.upper()}_{other.upper()}}}", "****" + self.draw(string.digits, 4), "x" * self.random.randint(6, 20),
        ])

    # Notations --------------------------------------------------------------------------------------------------

    def notation(self, name, value):
        """One of the ways in which name and value stand together in files."""
        word = self.pick(WORDS)
        quote = self.pick("\"'")
        noise = self.pick(["", "", "    ", "\t", "  - ", "# ", "// "])
        form = self.pick([
            f"{name} = {quote}{value}{quote}", f"{name}={value}", f"{name}: {value}", f"\"{name}\": \"{value}\",",
            f"{name}: {quote}{value}{quote},", f"export {name.upper().replace('-', '_')}={value}", f"const {name.replace('-', '_')} = \"{value}\";",
            f"<{name}>{value}</{name}>", f"--{name.lower().replace('_', '-')} {value} --verbose", f"--{name.lower().replace('_', '-')}={value}",
            f"String {name} = \"{value}\";", f"{word}.set_{name}(\"{value}\")", f"connect(user=\"{word}\", {name}=\"{value}\")",
            f"'{name}' => '{value}',", f"<add key=\"{name}\" value=\"{value}\" />", f"{name} := \"{value}\"", f"-e {name}={value} \\",
            f"{{\"{word}\": 1, \"{name}\": \"{value}\"}}", f"let {name}: &str = \"{value}\";", f"ENV {name} {value}",
            f"https://{word}.example.net/v1?{name}={value}&page=2", f"if {name} == \"{value}\":", f"os.environ[\"{name}\"] = \"{value}\"",
        ])
        return noise + form

    def around(self, text):
        """Neighbouring lines, as files have them."""
        word = self.pick(WORDS)
        above = self.pick(["", "", f"user = {word}\n", f"host: {word}.internal\n", "def connect():\n", "[database]\n", "{\n", f"# {word} settings\n",
                           "services:\n  db:\n", f"import {word}\n\n", f"username={word}\n"])
        below = self.pick(["", "", "\nport = 5432\n", "\n}\n", f"\nregion: {word}\n", "\nreturn client\n", "\ndebug=true\n"])
        return above + text + below

    def files(self, count):
        for _ in range(count):
            if self.random.random() < 0.5:
                name, value = self.pick(PASSWORD_NAMES), self.pick([self.thought_up, self.drawn, self.drawn])()
            else:
                name, value = self.pick(SECRET_NAMES), self.token()
            text = self.around(self.notation(name, value))
            if text.count(value) == 1:
                self.add(text, value, "T", "file, secret")
        for _ in range(count):
            name = self.pick(PASSWORD_NAMES + SECRET_NAMES + HARMLESS_NAMES)
            value = self.harmless()
            self.add(self.around(self.notation(name, value)), None, "F", "file, harmless")
        for _ in range(count // 2):
            # Random, but not secret: the name says so.
            name = self.pick(HARMLESS_NAMES + ["commit", "sha256", "integrity_key", "etag_key", "checksum_key", "cache-key", "key"])
            value = self.pick([self.draw("0123456789abcdef", 40), self.draw("0123456789abcdef", 64), "sha512-" + self.draw(string.ascii_letters + string.digits + "+/", 86) + "==",
                               self.pick(WORDS) + "-" + self.draw("0123456789abcdef", 8), "v1-" + self.pick(WORDS) + "-" + self.draw("0123456789abcdef", 64),
                               str(uuid.UUID(int=self.random.getrandbits(128)))])
            if name == "key" and self.random.random() < 0.5:
                continue
            self.add(self.around(self.notation(name, value)), None, "F", "file, not secret though random")

    def chats(self, count):
        ask = ["", "", "Hi, ", "Please help: ", "Can you check this? ", "Note to self, ", "By the way, ", "URGENT: ", "Hey team, "]
        tail = ["", ".", ". Thanks!", " but I cannot log in.", ", what is wrong?", "\nCan you fix the script?", " and it expires on Friday.", "!"]
        for _ in range(count):
            service, user = self.pick(SERVICES), self.pick(WORDS)
            value = self.pick([self.thought_up, self.thought_up, self.drawn])().rstrip(".?")
            form = self.pick([
                f"my {service} password is {value}", f"the password for the {service} is {value}", f"password: {value}", f"the {service} password is \"{value}\"",
                f"login with user {user} and password {value}", f"user {user}, password {value}", f"I changed the password to {value}", f"use the password `{value}` for {service}",
                f"username: {user}\npassword: {value}", f"my pwd is {value}", f"the passphrase is {value}", f"pass: {value}", f"Password = {value}",
                f"mein Passwort ist {value}", f"mi contraseña es {value}", f"le mot de passe est {value}", f"我的密码是{value}", f"密码：{value}", f"a senha é {value}",
                f"the password of {user}@example.org was set to {value}", f"password for {user} is still {value}", f"wifi pw / password is: {value}",
            ])
            self.add(self.pick(ask) + form + self.pick(tail), value, "T", "chat, password")
            value = self.token()
            form = self.pick([
                f"my api key is {value}", f"the token is {value}", f"API key: {value}", f"use this access token: {value}", f"here is the secret {value}",
                f"curl -H \"Authorization: Bearer {value}\" https://{user}.example.com/v2", f"the client secret is \"{value}\"", f"I set the {service} token to {value}",
                f"secret key = {value}", f"our {service} api key is `{value}`", f"the auth token for {service} is {value}", f"X-Auth-Token: {value}",
                f"https://{user}:{self.draw(string.ascii_letters, 2)}{value[:16]}@git.example.org/{service}.git",
            ])
            if form.count(value) == 1:
                self.add(self.pick(ask) + form + self.pick(tail), value, "T", "chat, token")
        for _ in range(2 * count):
            service, word, other, plain = self.pick(SERVICES), self.pick(WORDS), self.pick(WORDS), self.pick(PLAIN)
            text = self.pick([
                f"the password is {plain} and the token is {plain}", f"a {service} token is {plain} for this endpoint", f"The API key is {plain} in {word}.{other}",
                f"the key is to {word} before the {other}", f"the secret is that {word} and {other} never met", f"Password: {plain} (string), the password of the user",
                f"how do I reset the password for {service}?", f"token: the {word} token to parse, {plain}", f"the primary key is {word}_id", f"key: {word}, value: {other}",
                f"your password must be at least {self.random.randint(6, 16)} characters", f"api_key (str): the key of {service}, {plain}", f"secret: {word} is my favourite {other}",
                f"password to {service} and authentication to {other} were {plain}", f"the token was {plain} by the {word}-service", f"set password to a random value",
                f"the author is {word.capitalize()} {other.capitalize()}", f"the passwords of {word} and {other} are {plain}", f"authorization is {plain}, see RFC {self.random.randint(1000, 9000)}",
                f"| password | string | {plain} | the password |", f"- `token` - {plain} {word} token", f"password = {self.pick(IDENTIFIERS)}", f"the password is set in {word}.yaml",
                f"use https://{word}.example.com:8443/{other}@{self.random.randint(1, 9)}.0 as key", f"the password is {word}", f"the secret ingredient is {word}",
                f"the token is {self.random.randint(1, 9000)}", f"the key is {word.upper()}_{other.upper()}", f"our secret to {word} is {other}",
                f"user: {word}, password: ****", f"Bearer authentication and basic {word} auth are {plain}", f"the {service} password is in the {word} vault",
                f"token {word}{self.random.randint(1, 99)} of the stream is {plain}", f"basic {word}-{other} support, bearer of {other}", f"her password was {word} {other}",
                f"the password for {service} is not {plain}", f"I forgot what the password is, is it {plain}?", f"密码是必填项", f"das Passwort ist {plain}", f"la contraseña es obligatoria",
            ])
            self.add(self.pick(ask) + text + self.pick(tail), None, "F", "chat, harmless")

    def addresses(self, count):
        for _ in range(count):
            scheme, user, host = self.pick(["postgres", "mysql", "https", "amqp", "redis", "mongodb+srv", "ftp", "jdbc:postgresql", "smtp"]), self.pick(WORDS), self.pick(WORDS)
            value = self.pick([self.thought_up, self.drawn])()
            if any(c in value for c in "@/?#:<>;,$%"):
                continue
            quote = self.pick(["\"", "'", "", ""])
            name = self.pick(["DATABASE_URL=", "url: ", "connect(", "uri = ", "- ", "see "])
            self.add(self.around(f"{name}{quote}{scheme}://{user}:{value}@{host}.example.net:5432/app{quote}"), value, "T", "address, password")
            harmless = self.pick(["password", "pass", "user", "{password}", "$PASSWORD", "<password>", "pwd", "secret", f"{host}.png", "PASSWORD", "%s", "...", "xxxx"])
            self.add(self.around(f"{name}{quote}{scheme}://{user}:{harmless}@{host}.example.net/app{quote}"), None, "F", "address, harmless")


def rows(seed, count=1500):
    """Rows in the form of the credential set."""
    texts = Texts(seed)
    texts.files(count)
    texts.chats(count // 2)
    texts.addresses(count // 3)
    return texts.rows
