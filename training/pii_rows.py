"""Rows to measure the personal-data recognisers on: texts with the values that must be found in them, and near-misses.

Usage: python training/pii_rows.py --rows 4000 --seed 7 > rows.jsonl   (needs: pip install python-stdnum base58 pycryptodome)

Every value is drawn at random and made valid by python-stdnum, or by code written here where that has none, so that a
mistake in the recognisers' arithmetic is not repeated here. A row: {"text", "entities": [{"kind", "start", "end"}],
"source": valid|near_miss|clean}, offsets in bytes of UTF-8. `llm-shield eval --task pii` reads them.
"""

import argparse
import hashlib
import json
import random
import string

from stdnum import iban, imei, imsi, luhn, verhoeff
from stdnum.iso7064 import mod_11_2
import stdnum.ar.cuit, stdnum.at.uid, stdnum.at.vnr, stdnum.au.abn, stdnum.au.acn, stdnum.au.tfn, stdnum.be.nn
import stdnum.be.vat, stdnum.bg.egn, stdnum.br.cnpj, stdnum.br.cpf, stdnum.ca.sin, stdnum.ch.ssn, stdnum.ch.uid
import stdnum.cl.rut, stdnum.cn.ric, stdnum.cn.uscc, stdnum.co.nit, stdnum.cz.rc, stdnum.de.idnr, stdnum.de.vat
import stdnum.dk.cvr, stdnum.ec.ci, stdnum.ee.ik, stdnum.es.cif, stdnum.es.dni, stdnum.es.nie, stdnum.fi.hetu
import stdnum.fr.nir, stdnum.fr.siren, stdnum.fr.siret, stdnum.gb.nhs, stdnum.gb.utr, stdnum.gb.vat, stdnum.gr.amka
import stdnum.gr.vat, stdnum.hr.oib, stdnum.ie.pps, stdnum.il.idnr, stdnum.in_.aadhaar, stdnum.in_.gstin
import stdnum.is_.kennitala, stdnum.it.codicefiscale, stdnum.it.iva, stdnum.lt.asmens, stdnum.mx.curp
import stdnum.mx.rfc, stdnum.nl.bsn, stdnum.no.fodselsnummer, stdnum.no.orgnr, stdnum.nz.ird, stdnum.pe.ruc
import stdnum.pl.nip, stdnum.pl.pesel, stdnum.pl.regon, stdnum.pt.nif, stdnum.ro.cnp, stdnum.ru.inn, stdnum.se.orgnr
import stdnum.se.personnummer, stdnum.sg.uen, stdnum.si.ddv, stdnum.si.emso, stdnum.th.pin, stdnum.tr.tckimlik
import stdnum.us.rtn, stdnum.za.idnr, stdnum.za.tin, stdnum.fr.nif, stdnum.sk.dph, stdnum.cz.dic, stdnum.ua.rntrc

UPPER = string.ascii_uppercase


def fill(rng, mask):
    """A random text of a mask: 9 digit, A capital letter, H lower hexadecimal digit, another character itself."""
    choices = {"9": string.digits, "A": UPPER, "H": "0123456789abcdef"}
    return "".join(rng.choice(choices[c]) if c in choices else c for c in mask)


def day(rng, form="%y%m%d", first=1935, last=2006):
    import datetime
    start = datetime.date(first, 1, 1).toordinal()
    return datetime.date.fromordinal(rng.randint(start, datetime.date(last, 12, 28).toordinal())).strftime(form)


def until(valid, draw):
    """Draws until one is valid."""
    for _ in range(200_000):
        value = draw()
        if valid(value):
            return value
    raise RuntimeError(f"no valid value for {valid}")


def std(module, mask):
    return lambda rng: until(module.is_valid, lambda: fill(rng, mask))


def dated(module, form, mask, before=""):
    return lambda rng: until(module.is_valid, lambda: before + day(rng, form) + fill(rng, mask))


def luhn_ends(rng, body):
    return body + luhn.calc_check_digit(body)


def grouped(value, *lengths, sep=" "):
    parts, at = [], 0
    for length in lengths:
        parts.append(value[at:at + length])
        at += length
    return sep.join(part for part in parts + [value[at:]] if part)


# -- kinds without a module of python-stdnum ---------------------------------------------------------------------------

def card(rng):
    prefix, length = rng.choice([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16),
                                 ("3528", 16), ("36", 14), ("62", 16)])
    number = luhn_ends(rng, prefix + fill(rng, "9" * (length - len(prefix) - 1)))
    style = rng.choice(["", " ", "-"])
    if not style:
        return number
    return grouped(number, 4, 6, 5, sep=style) if length < 16 else grouped(number, 4, 4, 4, sep=style)


def an_iban(rng):
    forms = [("DE", "9" * 18), ("GB", "AAAA" + "9" * 14), ("FR", "9" * 23), ("NL", "AAAA" + "9" * 10), ("ES", "9" * 20),
             ("IT", "A" + "9" * 22), ("CH", "9" * 17), ("NO", "9" * 11), ("PL", "9" * 24), ("BE", "9" * 12), ("AT", "9" * 16),
             ("SE", "9" * 20), ("DK", "9" * 14), ("PT", "9" * 21), ("MT", "AAAA" + "9" * 23)]
    while True:
        country, mask = rng.choice(forms)
        body = fill(rng, mask)
        value = country + iban.calc_check_digits(country + "00" + body) + body
        if iban.is_valid(value, check_country=False):
            return grouped(value, *[4] * 9) if rng.random() < 0.5 else value


def nric(rng):
    letter = rng.choice("STFG")
    digits = fill(rng, "9999999")
    total = sum(int(d) * w for d, w in zip(digits, [2, 7, 6, 5, 4, 3, 2])) + (4 if letter in "TG" else 0)
    return letter + digits + ("JZIHGFEDCBA" if letter in "ST" else "XWUTRQPNMLK")[total % 11]


def hkid(rng):
    letter, digits = rng.choice("ABCDEGHKPRSVYZ"), fill(rng, "999999")
    total = 36 * 9 + (ord(letter) - 55) * 8 + sum(int(d) * w for d, w in zip(digits, range(7, 1, -1)))
    check = -total % 11
    return f"{letter}{digits}({'A' if check == 10 else check})"


def taiwan(rng):
    values = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36)))
    letter, digits = rng.choice(list(values)), rng.choice("12") + fill(rng, "9999999")
    number = str(values[letter]) + digits
    total = sum(int(d) * w for d, w in zip(number, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1]))
    return letter + digits + str(-total % 10)


def my_number(rng):
    body = fill(rng, "99999999999")
    total = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in enumerate(reversed(body), 1))
    value = body + str(0 if total % 11 <= 1 else 11 - total % 11)
    return value if rng.random() < 0.5 else grouped(value, 4, 4)


def vin(rng):
    values = dict(zip("ABCDEFGH", range(1, 9))) | dict(zip("JKLMN", range(1, 6))) | {"P": 7, "R": 9}
    values |= dict(zip("STUVWXYZ", range(2, 10))) | {d: int(d) for d in string.digits}
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    body = rng.choice("12345JKLSVWXYZ") + "".join(rng.choice(alphabet) for _ in range(7)) + "0"
    body += rng.choice("ABCDEFGHJKLMNPR") + rng.choice("ABCDEFG0123") + fill(rng, "999999")
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    rest = sum(values[c] * w for c, w in zip(body, weights)) % 11
    return body[:8] + ("X" if rest == 10 else str(rest)) + body[9:]


def dea(rng):
    digits = fill(rng, "999999")
    total = sum(map(int, digits[0::2])) + 2 * sum(map(int, digits[1::2]))
    return rng.choice("ABFGM") + rng.choice(UPPER) + digits + str(total)[-1]


def npi(rng):
    body = rng.choice("12") + fill(rng, "99999999")
    return body + luhn.calc_check_digit("80840" + body)


def medicare(rng):
    body = rng.choice("23456") + fill(rng, "9999999")
    check = sum(int(d) * w for d, w in zip(body, [1, 3, 7, 9, 1, 3, 7, 9])) % 10
    value = f"{body}{check}{rng.choice('123')}"
    return grouped(value, 4, 5) if rng.random() < 0.6 else value


def nhi(rng):
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    while True:
        body = "".join(rng.choice(alphabet) for _ in range(3)) + fill(rng, "999")
        codes = [alphabet.index(c) + 1 for c in body[:3]] + [int(c) for c in body[3:]]
        rest = sum(c * w for c, w in zip(codes, range(7, 1, -1))) % 11
        if rest:
            return body + str((11 - rest) % 10)


def kvnr(rng):
    letter, digits = rng.choice(UPPER), fill(rng, "99999999")
    total = 0
    for place, d in enumerate(f"{ord(letter) - 64:02}{digits}"):
        product = int(d) * (1 + place % 2)
        total += product // 10 + product % 10
    return f"{letter}{digits}{total % 10}"


def rvnr(rng):
    area, letter, serial = rng.choice(["12", "15", "53", "65"]), rng.choice(UPPER), fill(rng, "99")
    body = area + day(rng, "%d%m%y") + letter + serial
    plain = body[:8] + f"{ord(letter) - 64:02}" + serial
    total = 0
    for d, w in zip(plain, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]):
        total += int(d) * w // 10 + int(d) * w % 10
    return f"{body}{total % 10}"


def taj(rng):
    body = rng.choice("123456789") + fill(rng, "9999999")
    return body + str(sum(int(d) * (3 if i % 2 == 0 else 7) for i, d in enumerate(body)) % 10)


def snils(rng):
    body = str(rng.randint(10_000_000, 199_999_999)).zfill(9)
    rest = sum(int(d) * (9 - i) for i, d in enumerate(body)) % 101 % 100
    return f"{body[:3]}-{body[3:6]}-{body[6:]} {rest:02}"


def iin(rng):
    while True:
        body = day(rng) + rng.choice("3456") + fill(rng, "9999")
        rest = sum(int(d) * (i + 1) for i, d in enumerate(body)) % 11
        if rest == 10:
            rest = sum(int(d) * w for d, w in zip(body, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])) % 11
        if rest < 10:
            return body + str(rest)


def uy_ci(rng):
    body = rng.choice("12345") + fill(rng, "999999")
    check = -sum(int(d) * int(w) for d, w in zip(body, "2987634")) % 10
    return f"{body[0]}.{body[1:4]}.{body[4:]}-{check}"


def nuss(rng):
    province, serial = rng.randint(1, 52), rng.randint(10_000_000, 99_999_999)
    return f"{province:02}{serial}{int(f'{province}{serial}') % 97:02}"


def polish_card(rng):
    letters = [rng.choice(UPPER) for _ in range(3)]
    while True:
        digits = fill(rng, "999999")
        values = [ord(c) - 55 for c in letters] + [int(d) for d in digits]
        if sum(v * w for v, w in zip(values, [7, 3, 1, 9, 7, 3, 1, 7, 3])) % 10 == 0:
            return "".join(letters) + digits


def latvian(rng):
    while True:
        date = day(rng, "%d%m%Y", 1935, 1999)
        body = date[:4] + date[6:] + "1" + fill(rng, "999")
        rest = (1 + sum(int(d) * w for d, w in zip(body, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9]))) % 11
        if rest < 10:
            return f"{body[:6]}-{body[6:]}{rest}"


def korean(first):
    def draw(rng):
        body = day(rng, last=1999) + rng.choice(first) + fill(rng, "99999")
        total = sum(int(d) * w for d, w in zip(body, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]))
        return f"{body[:6]}-{body[6:]}{((11 if first == '12' else 13) - total % 11) % 10}"
    return draw


def korean_business(rng):
    body = rng.choice("123456") + fill(rng, "99") + rng.choice("1234") + fill(rng, "99999")
    total = sum(int(d) * w for d, w in zip(body, [1, 3, 7, 1, 3, 7, 1, 3, 5])) + int(body[8]) * 5 // 10
    value = body + str(-total % 10)
    return f"{value[:3]}-{value[3:5]}-{value[5:]}"


def base58check(version, payload):
    import base58
    return base58.b58encode_check(bytes([version]) + payload).decode()


def ethereum(rng):
    from Crypto.Hash import keccak
    plain = fill(rng, "H" * 40)
    digest = keccak.new(digest_bits=256, data=plain.encode()).hexdigest()
    return "0x" + "".join(c.upper() if int(h, 16) >= 8 else c for c, h in zip(plain, digest))


def bech32(rng, prefix):
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

    def polymod(values):
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for i, generator in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                check ^= generator if top >> i & 1 else 0
        return check

    data = [0] + [rng.randrange(32) for _ in range(31)] + [16 * rng.randrange(2)]
    data = data[:33]
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + data
    check = polymod(values + [0] * 6) ^ 1
    return prefix + "1" + "".join(alphabet[v] for v in data + [check >> 5 * (5 - i) & 31 for i in range(6)])


def payload(rng):
    return bytes(rng.randrange(256) for _ in range(20))


NAMES = ["mira.okonkwo", "tomasz_zielinski", "j.haverkamp", "lena-b", "otto+news", "p.q.rivera", "anouk1987", "dev.team", "s"]
HOSTS = ["nordhaus.de", "mail.riverbank.co.uk", "kitewing.io", "uni-aster.edu", "orchard.com.au", "posteo.example.org",
         "lumen.fr", "ferry.museum", "caravel.jp", "x1y.net", "sub.dom.tarn.in"]


def email(rng):
    return rng.choice(NAMES) + rng.choice(["", fill(rng, "9"), fill(rng, "99")]) + "@" + rng.choice(HOSTS)


def ipv4(rng):
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


def ipv6(rng):
    groups = [fill(rng, rng.choice(["H", "HHH", "HHHH"])) for _ in range(8)]
    if rng.random() < 0.5:
        return f"2001:db8:{groups[0]}::{fill(rng, 'H9')}"
    return ":".join(["2001", "db8"] + groups[2:])


def phone(rng):
    n = lambda mask: fill(rng, mask)
    return rng.choice([
        lambda: f"+1 {rng.choice([212, 415, 617, 303])} 555 01{n('99')}",
        lambda: f"({rng.choice([212, 415, 617, 303])}) 555-01{n('99')}",
        lambda: f"{rng.choice([212, 415, 617, 303])}-555-01{n('99')}",
        lambda: f"+44 20 7946 0{n('999')}",
        lambda: f"020 7946 0{n('999')}",
        lambda: f"07700 900{n('999')}",
        lambda: f"+49 30 23125 {n('999')}",
        lambda: f"+33 6 {n('99')} {n('99')} {n('99')} {n('99')}",
        lambda: f"06 {n('99')} {n('99')} {n('99')} {n('99')}",
        lambda: f"+91 98{n('999')} {n('99999')}",
        lambda: f"+55 11 9{n('9999')}-{n('9999')}",
        lambda: f"+81 3-{n('9999')}-{n('9999')}",
        lambda: f"+972 52-{n('999')}-{n('9999')}",
        lambda: f"+61 4{n('99')} {n('999')} {n('999')}",
        lambda: f"+86 138 {n('9999')} {n('9999')}",
        lambda: f"+234 803 {n('999')} {n('9999')}",
        lambda: f"+358 40 {n('9999999')}",
        lambda: f"0049 89 {n('9999999')}",
    ])()


def birth(rng):
    return day(rng, rng.choice(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y"]))


def ssn(rng):
    return until(lambda v: not v.startswith(("000", "666", "9")) and v[4:6] != "00" and not v.endswith("0000"),
                 lambda: fill(rng, "999-99-9999"))


def nino(rng):
    value = rng.choice("ABCEGHJKLMPRSTWXYZ") + rng.choice("ABCEGHJKLMPRSTWXYZ") + fill(rng, "999999") + rng.choice("ABCD")
    if value[:2] in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
        return nino(rng)
    return value if rng.random() < 0.5 else grouped(value, 2, 2, 2, 2)


def styled(draw, *styles):
    """Written plain or grouped by one of the styles, each a separator and lengths."""
    def write(rng):
        value = draw(rng)
        style = rng.choice((None,) + styles)
        return value if style is None else grouped(value, *style[1:], sep=style[0])
    return write


def mbi(rng):
    letters = "ACDEFGHJKMNPQRTUVWXY"
    pick = lambda: rng.choice(letters)
    return f"{rng.randint(1, 9)}{pick()}{pick()}{rng.randint(0, 9)}{pick()}{pick()}{rng.randint(0, 9)}{pick()}{pick()}{fill(rng, '99')}"


# kind: (draw, labels, alone), alone = found without any label.
KINDS = {
    "CREDIT_CARD": (card, ["card", "credit card number", "Visa"], True),
    "IBAN_CODE": (an_iban, ["IBAN", "bank account"], True),
    "EMAIL_ADDRESS": (email, ["email", "contact", "E-mail"], True),
    "IP_ADDRESS": (lambda r: r.choice([ipv4, ipv6])(r), ["IP", "client address", "host"], True),
    "PHONE_NUMBER": (phone, ["phone", "mobile", "telephone number", "cell"], False),
    "US_SSN": (ssn, ["SSN", "social security number"], True),
    "CRYPTO": (lambda r: r.choice([lambda: base58check(0, payload(r)), lambda: base58check(5, payload(r)), lambda: bech32(r, "bc")])(),
               ["BTC wallet", "bitcoin address"], True),
    "ETHEREUM_ADDRESS": (ethereum, ["ETH wallet", "wallet address"], True),
    "LITECOIN_ADDRESS": (lambda r: base58check(0x30, payload(r)), ["LTC wallet"], True),
    "DOGECOIN_ADDRESS": (lambda r: base58check(0x1E, payload(r)), ["DOGE wallet"], True),
    "TRON_ADDRESS": (lambda r: base58check(0x41, payload(r)), ["TRX wallet"], True),
    "MAC_ADDRESS": (lambda r: fill(r, "HH:HH:HH:HH:HH:HH"), ["MAC", "ethernet address"], True),
    "DATE_OF_BIRTH": (birth, ["date of birth", "DOB", "born", "birthday"], False),
    "VIN": (vin, ["VIN", "vehicle", "chassis number"], False),
    "IMEI": (lambda r: luhn_ends(r, "35" + fill(r, "999999999999")), ["IMEI", "device id"], False),
    "ORCID": (lambda r: until(lambda v: True, lambda: (lambda b: grouped(b + mod_11_2.calc_check_digit(b), 4, 4, 4, sep="-"))("0000000" + r.choice("123") + fill(r, "9999999"))), ["ORCID"], True),
    "US_ITIN": (lambda r: f"9{fill(r, '99')}-{r.choice(['50', '65', '70', '88', '90', '94', '99'])}-{fill(r, '9999')}", ["ITIN", "taxpayer number"], False),
    "US_PASSPORT": (lambda r: r.choice([fill(r, "999999999"), "A" + fill(r, "99999999")]), ["passport", "passport number"], False),
    "US_DRIVER_LICENSE": (lambda r: r.choice([fill(r, "A9999999"), fill(r, "A999-9999-9999")]), ["driver license", "driver's license number", "DL"], False),
    "ABA_ROUTING_NUMBER": (lambda r: until(stdnum.us.rtn.is_valid, lambda: r.choice(["02", "06", "11", "12", "26", "31"]) + fill(r, "9999999")), ["routing number", "ABA"], False),
    "US_EIN": (lambda r: fill(r, "99-9999999"), ["EIN", "employer identification number"], False),
    "US_MBI": (mbi, ["Medicare number", "MBI"], True),
    "US_NPI": (npi, ["NPI", "provider"], False),
    "MEDICAL_LICENSE": (dea, ["DEA", "DEA number"], True),
    "MEDICAL_RECORD_NUMBER": (lambda r: r.choice([fill(r, "99999999"), "MR" + fill(r, "999999")]), ["MRN", "medical record number"], False),
    "BANK_ACCOUNT_NUMBER": (lambda r: fill(r, r.choice(["99999999", "9999999999", "999999999999"])), ["account number", "acct"], False),
    "CARD_SECURITY_CODE": (lambda r: fill(r, "999"), ["CVV", "security code"], False),
    "UK_SORT_CODE": (lambda r: fill(r, "99-99-99"), ["sort code"], False),
    "CA_SIN": (styled(lambda r: luhn_ends(r, r.choice("1234567") + fill(r, "9999999")), (" ", 3, 3), ("-", 3, 3)), ["SIN", "social insurance number"], False),
    "BR_CPF": (lambda r: stdnum.br.cpf.format(std(stdnum.br.cpf, "99999999999")(r)), ["CPF"], True),
    "BR_CNPJ": (lambda r: stdnum.br.cnpj.format(std(stdnum.br.cnpj, "999999990001" + "99")(r)), ["CNPJ"], True),
    "MX_CURP": (lambda r: until(stdnum.mx.curp.is_valid, lambda: r.choice(["GARM", "LOPJ", "HEMA", "VIRC"]) + day(r) + r.choice("HM") + r.choice(["DF", "JC", "NL"]) + r.choice(["RRN", "LPZ", "MTS"]) + "0" + fill(r, "9")), ["CURP"], True),
    "MX_RFC": (lambda r: until(lambda v: stdnum.mx.rfc.is_valid(v, validate_check_digits=True), lambda: r.choice(["GARM", "LOPJ", "HEMA", "VIRC"]) + day(r) + fill(r, "9A9")), ["RFC"], False),
    "AR_CUIT": (lambda r: stdnum.ar.cuit.format(until(stdnum.ar.cuit.is_valid, lambda: r.choice(["20", "27", "30"]) + fill(r, "999999999"))), ["CUIT", "CUIL"], True),
    "CL_RUT": (lambda r: stdnum.cl.rut.format(std(stdnum.cl.rut, "999999999")(r)), ["RUT"], True),
    "CO_NIT": (lambda r: stdnum.co.nit.format(std(stdnum.co.nit, "8999999999")(r)), ["NIT"], False),
    "PE_RUC": (lambda r: until(stdnum.pe.ruc.is_valid, lambda: r.choice(["10", "20"]) + fill(r, "999999999")), ["RUC"], False),
    "EC_CEDULA": (lambda r: until(stdnum.ec.ci.is_valid, lambda: f"{r.randint(1, 24):02}" + r.choice("012345") + fill(r, "9999999")), ["cédula", "cedula"], False),
    "UY_CI": (uy_ci, ["CI", "cédula"], True),
    "UK_NHS": (styled(std(stdnum.gb.nhs, "9999999999"), (" ", 3, 3), ("-", 3, 3)), ["NHS number", "NHS no"], False),
    "UK_NINO": (nino, ["National Insurance number", "NI number", "NINO"], True),
    "UK_PASSPORT": (lambda r: fill(r, "999999999"), ["passport", "UK passport number"], False),
    "UK_POSTCODE": (lambda r: r.choice(["SW1A", "M1", "EC2V", "LS6", "B33"]) + " " + fill(r, "9") + r.choice("ABDEFGHJLNPQRSTUWXYZ") + r.choice("ABDEFGHJLNPQRSTUWXYZ"), ["postcode", "address"], False),
    "UK_DRIVING_LICENCE": (lambda r: "MORGA" + fill(r, "9") + r.choice(["01", "11", "62", "55"]) + r.choice(["05", "17", "28"]) + fill(r, "9") + "SM9" + fill(r, "AA"), ["driving licence"], True),
    "UK_VEHICLE_REGISTRATION": (lambda r: fill(r, "AA99 AAA"), ["registration", "number plate", "car reg"], False),
    "UK_UTR": (std(stdnum.gb.utr, "9999999999"), ["UTR", "unique taxpayer reference"], False),
    "UK_VAT_NUMBER": (lambda r: "GB" + std(stdnum.gb.vat, "999999999")(r), ["VAT number", "VAT"], True),
    "IE_PPS": (std(stdnum.ie.pps, "9999999A"), ["PPS number", "PPSN"], True),
    "ES_NIF": (std(stdnum.es.dni, "99999999A"), ["DNI", "NIF"], True),
    "ES_NIE": (lambda r: until(stdnum.es.nie.is_valid, lambda: r.choice("XYZ") + fill(r, "9999999A")), ["NIE"], True),
    "ES_CIF": (lambda r: until(stdnum.es.cif.is_valid, lambda: r.choice("ABEH") + fill(r, "99999999")), ["CIF"], False),
    "ES_SOCIAL_SECURITY": (nuss, ["número de la Seguridad Social", "NUSS"], False),
    "IT_FISCAL_CODE": (lambda r: until(stdnum.it.codicefiscale.is_valid, lambda: r.choice(["RSSMRA", "BNCLRA", "VRDGPP"]) + fill(r, "99") + r.choice("ABCDEHLMPRST") + r.choice(["04", "17", "28", "51", "66"]) + r.choice(["H501", "F205", "L219"]) + fill(r, "A")), ["codice fiscale", "CF"], True),
    "IT_VAT_CODE": (lambda r: until(stdnum.it.iva.is_valid, lambda: "0" + fill(r, "999999") + "058" + fill(r, "9")), ["partita IVA", "P.IVA"], False),
    "FI_PERSONAL_IDENTITY_CODE": (lambda r: until(stdnum.fi.hetu.is_valid, lambda: day(r, "%d%m%y", last=1999) + "-" + r.choice("01234567") + fill(r, "99") + r.choice("0123456789ABCDEFHJKLMNPRSTUVWXY")), ["henkilötunnus", "HETU"], True),
    "SE_PERSONNUMMER": (lambda r: until(stdnum.se.personnummer.is_valid, lambda: day(r, r.choice(["%y%m%d", "%Y%m%d"]), last=1999) + "-" + fill(r, "9999")), ["personnummer"], True),
    "SE_ORGANISATIONSNUMMER": (lambda r: grouped(until(stdnum.se.orgnr.is_valid, lambda: "55" + r.choice("6789") + fill(r, "9999999")), 6, sep="-"), ["organisationsnummer", "orgnr"], False),
    "NO_FODSELSNUMMER": (styled(dated(stdnum.no.fodselsnummer, "%d%m%y", "99999"), (" ", 6)), ["fødselsnummer", "fnr"], False),
    "NO_ORGANISASJONSNUMMER": (lambda r: until(stdnum.no.orgnr.is_valid, lambda: r.choice("89") + fill(r, "99999999")), ["organisasjonsnummer"], False),
    "DK_CPR": (lambda r: day(r, "%d%m%y", last=1999) + "-" + fill(r, "9999"), ["CPR", "CPR-nummer"], False),
    "DK_CVR": (std(stdnum.dk.cvr, "99999999"), ["CVR"], False),
    "NL_BSN": (std(stdnum.nl.bsn, "999999999"), ["BSN", "burgerservicenummer"], False),
    "BE_NATIONAL_NUMBER": (lambda r: (lambda v: f"{v[:2]}.{v[2:4]}.{v[4:6]}-{v[6:9]}.{v[9:]}")(until(stdnum.be.nn.is_valid, lambda: day(r, last=1999) + fill(r, "99999"))), ["rijksregisternummer", "national number"], True),
    "BE_VAT_NUMBER": (lambda r: "BE" + until(stdnum.be.vat.is_valid, lambda: "0" + fill(r, "999999999")), ["BTW"], True),
    "DE_TAX_ID": (styled(lambda r: until(stdnum.de.idnr.is_valid, lambda: (lambda s: "".join(s))((lambda s: (r.shuffle(s), s)[1])(r.sample("0123456789", 9) + [r.choice("123456789")])) + fill(r, "9")), (" ", 2, 3, 3)), ["Steuer-ID", "Steueridentifikationsnummer", "IdNr"], False),
    "DE_VAT_ID": (lambda r: "DE" + std(stdnum.de.vat, "999999999")(r), ["USt-ID", "VAT"], True),
    "DE_HEALTH_INSURANCE": (kvnr, ["Krankenversichertennummer", "KVNR"], False),
    "DE_SOCIAL_SECURITY": (rvnr, ["Sozialversicherungsnummer", "Rentenversicherungsnummer"], True),
    "DE_ID_CARD": (lambda r: r.choice("LMNPRT") + "".join(r.choice("CFGHJKLMNPRTVWXYZ0123456789") for _ in range(4)) + fill(r, "9999"), ["Personalausweis", "Ausweisnummer"], False),
    "DE_KFZ": (lambda r: r.choice(["B", "HH", "M", "KA"]) + "-" + fill(r, "AA") + " " + fill(r, "999"), ["Kennzeichen", "Kfz-Kennzeichen"], False),
    "FR_NIR": (lambda r: (lambda v: r.choice([v, grouped(v, 1, 2, 2, 2, 3, 3)]))(until(stdnum.fr.nir.is_valid, lambda: r.choice("12") + fill(r, "99") + f"{r.randint(1, 12):02}" + f"{r.randint(1, 95):02}" + fill(r, "99999999"))), ["numéro de sécurité sociale", "NIR"], False),
    "FR_SIREN": (std(stdnum.fr.siren, "999999999"), ["SIREN"], False),
    "FR_SIRET": (lambda r: until(stdnum.fr.siret.is_valid, lambda: std(stdnum.fr.siren, "999999999")(r) + "000" + fill(r, "99")), ["SIRET"], False),
    "FR_TAX_NUMBER": (lambda r: until(stdnum.fr.nif.is_valid, lambda: r.choice("0123") + fill(r, "999999999") + "{:03}".format(r.randrange(511))), ["numéro fiscal", "SPI"], False),
    "PT_NIF": (std(stdnum.pt.nif, "2" + "99999999"), ["NIF", "contribuinte"], False),
    "CH_AHV": (lambda r: stdnum.ch.ssn.format(until(stdnum.ch.ssn.is_valid, lambda: "756" + fill(r, "9999999999"))), ["AHV-Nummer", "AVS"], True),
    "CH_UID": (lambda r: stdnum.ch.uid.format(until(stdnum.ch.uid.is_valid, lambda: "CHE" + fill(r, "999999999"))), ["UID"], True),
    "AT_SVNR": (styled(lambda r: until(stdnum.at.vnr.is_valid, lambda: r.choice("123456789") + fill(r, "999") + day(r, "%d%m%y")), (" ", 4)), ["SVNR", "Sozialversicherungsnummer"], False),
    "AT_UID": (lambda r: "AT" + until(stdnum.at.uid.is_valid, lambda: "U" + fill(r, "99999999")), ["UID"], True),
    "GR_AFM": (std(stdnum.gr.vat, "999999999"), ["ΑΦΜ", "AFM"], False),
    "GR_AMKA": (dated(stdnum.gr.amka, "%d%m%y", "99999"), ["ΑΜΚΑ", "AMKA"], False),
    "IS_KENNITALA": (lambda r: grouped(until(stdnum.is_.kennitala.is_valid, lambda: day(r, "%d%m%y", last=1999) + fill(r, "999") + "9"), 6, sep="-"), ["kennitala"], True),
    "PL_PESEL": (dated(stdnum.pl.pesel, "%y%m%d", "99999"), ["PESEL"], False),
    "PL_NIP": (lambda r: stdnum.pl.nip.format(std(stdnum.pl.nip, "9999999999")(r)), ["NIP"], True),
    "PL_REGON": (std(stdnum.pl.regon, "999999999"), ["REGON"], False),
    "PL_ID_CARD": (polish_card, ["dowód osobisty"], False),
    "CZ_RODNE_CISLO": (lambda r: grouped(until(stdnum.cz.rc.is_valid, lambda: day(r, "%y%m%d", 1955, 2003) + fill(r, "9999")), 6, sep="/"), ["rodné číslo"], True),
    "CZ_ICO": (lambda r: until(lambda v: stdnum.cz.dic.is_valid(v), lambda: r.choice("12345678") + fill(r, "9999999")), ["IČO"], False),
    "RO_CNP": (lambda r: until(stdnum.ro.cnp.is_valid, lambda: r.choice("12") + day(r, last=1999) + r.choice(["01", "12", "40"]) + fill(r, "9999")), ["CNP"], False),
    "BG_EGN": (dated(stdnum.bg.egn, "%y%m%d", "9999"), ["ЕГН", "EGN"], False),
    "HU_TAJ": (styled(taj, (" ", 3, 3)), ["TAJ", "TAJ szám"], False),
    "HR_OIB": (std(stdnum.hr.oib, "99999999999"), ["OIB"], False),
    "JMBG": (lambda r: until(stdnum.si.emso.is_valid, lambda: (lambda d: d[:4] + d[5:])(day(r, "%d%m%Y", last=1999)) + fill(r, "999999")), ["JMBG", "EMŠO"], False),
    "SI_TAX_NUMBER": (lambda r: "SI" + std(stdnum.si.ddv, "99999999")(r), ["davčna številka"], True),
    "EE_ISIKUKOOD": (lambda r: until(stdnum.ee.ik.is_valid, lambda: r.choice("34") + day(r, last=1999) + fill(r, "9999")), ["isikukood"], False),
    "LT_ASMENS_KODAS": (lambda r: until(stdnum.lt.asmens.is_valid, lambda: r.choice("34") + day(r, last=1999) + fill(r, "9999")), ["asmens kodas"], False),
    "LV_PERSONAS_KODS": (latvian, ["personas kods"], False),
    "UA_RNOKPP": (std(stdnum.ua.rntrc, "9999999999"), ["РНОКПП", "ІПН"], False),
    "RU_INN": (lambda r: until(stdnum.ru.inn.is_valid, lambda: fill(r, r.choice(["9999999999", "999999999999"]))), ["ИНН", "INN"], False),
    "RU_SNILS": (snils, ["СНИЛС", "SNILS"], True),
    "SK_IC_DPH": (lambda r: "SK" + until(stdnum.sk.dph.is_valid, lambda: "20" + fill(r, "99999999")), ["IČ DPH"], True),
    "SG_NRIC_FIN": (nric, ["NRIC", "FIN"], True),
    "SG_UEN": (lambda r: until(stdnum.sg.uen.is_valid, lambda: fill(r, "99999999A")), ["UEN"], False),
    "AU_ABN": (styled(std(stdnum.au.abn, "99999999999"), (" ", 2, 3, 3)), ["ABN"], False),
    "AU_ACN": (styled(std(stdnum.au.acn, "999999999"), (" ", 3, 3)), ["ACN"], False),
    "AU_TFN": (styled(std(stdnum.au.tfn, "999999999"), (" ", 3, 3)), ["TFN", "tax file number"], False),
    "AU_MEDICARE": (medicare, ["Medicare", "Medicare card"], False),
    "NZ_IRD": (lambda r: until(stdnum.nz.ird.is_valid, lambda: r.choice(["4", "5", "9", "10"]) + fill(r, "9999999")), ["IRD", "IRD number"], False),
    "NZ_NHI": (nhi, ["NHI", "NHI number"], False),
    "IN_PAN": (lambda r: fill(r, "AAA") + r.choice("PCHF") + fill(r, "A9999A"), ["PAN", "permanent account number"], False),
    "IN_AADHAAR": (styled(lambda r: until(stdnum.in_.aadhaar.is_valid, lambda: r.choice("23456789") + fill(r, "99999999999")), (" ", 4, 4)), ["Aadhaar", "Aadhaar number"], False),
    "IN_VEHICLE_REGISTRATION": (lambda r: r.choice(["KA", "MH", "DL", "TN"]) + fill(r, "99AA9999"), ["vehicle", "RTO registration"], False),
    "IN_VOTER": (lambda r: fill(r, "AAA9999999"), ["voter id", "EPIC"], False),
    "IN_GSTIN": (lambda r: until(stdnum.in_.gstin.is_valid, lambda: r.choice(["07", "27", "29"]) + fill(r, "AAA") + "P" + fill(r, "A9999A") + "1Z" + r.choice(string.digits + UPPER)), ["GSTIN"], True),
    "IN_PASSPORT": (lambda r: r.choice("KLMNPRSTZ") + r.choice("123456789") + fill(r, "99999") + r.choice("123456789"), ["passport", "Indian passport"], False),
    "KR_RRN": (korean("12"), ["주민등록번호", "resident registration number"], True),
    "KR_FRN": (korean("56"), ["외국인등록번호", "alien registration"], True),
    "KR_BRN": (lambda r: korean_business(r), ["사업자등록번호", "business registration number"], False),
    "TH_TNIN": (lambda r: r.choice([lambda v: v, stdnum.th.pin.format])(std(stdnum.th.pin, "1" + "9" * 12)(r)), ["Thai national ID"], False),
    "PH_TIN": (lambda r: fill(r, "999-999-999-000"), ["TIN", "BIR TIN"], False),
    "JP_MY_NUMBER": (my_number, ["マイナンバー", "My Number"], False),
    "CN_RESIDENT_ID": (lambda r: until(stdnum.cn.ric.is_valid, lambda: r.choice(["110101", "310104", "440106"]) + day(r, "%Y%m%d") + fill(r, "999") + r.choice("0123456789X")), ["身份证", "resident identity card"], True),
    "CN_SOCIAL_CREDIT_CODE": (lambda r: until(stdnum.cn.uscc.is_valid, lambda: "91" + fill(r, "999999") + fill(r, "9999999") + "XA" + r.choice("0123456789ABCDEFGHJKLMNPQRTUWXY")), ["统一社会信用代码", "USCC"], False),
    "TW_NATIONAL_ID": (taiwan, ["身分證", "Taiwan ID"], False),
    "HK_HKID": (hkid, ["HKID", "身份證"], True),
    "MY_NRIC": (lambda r: day(r) + "-" + r.choice(["01", "10", "14"]) + "-" + fill(r, "9999"), ["MyKad", "NRIC"], True),
    "ID_NIK": (lambda r: r.choice(["317101", "327305", "510304"]) + day(r, "%d%m%y") + "000" + fill(r, "9"), ["NIK", "KTP"], False),
    "PK_CNIC": (lambda r: r.choice("1234567") + fill(r, "9999-9999999-9"), ["CNIC"], False),
    "IL_ID_NUMBER": (std(stdnum.il.idnr, "999999999"), ["תעודת זהות", "teudat zehut", "Israeli ID"], False),
    "TR_NATIONAL_ID": (lambda r: until(stdnum.tr.tckimlik.is_valid, lambda: r.choice("123456789") + fill(r, "9999999999")), ["TCKN", "TC kimlik"], False),
    "AE_EMIRATES_ID": (lambda r: grouped(luhn_ends(r, "784" + str(r.randint(1950, 2005)) + fill(r, "9999999")), 3, 4, 7, sep="-"), ["Emirates ID"], True),
    "SA_NATIONAL_ID": (lambda r: luhn_ends(r, r.choice("12") + fill(r, "99999999")), ["Saudi ID", "iqama"], False),
    "EG_NATIONAL_ID": (lambda r: "2" + day(r, last=1999) + fill(r, "9999999"), ["Egyptian national ID"], False),
    "KZ_IIN": (iin, ["ИИН", "IIN"], False),
    "ZA_ID_NUMBER": (lambda r: until(stdnum.za.idnr.is_valid, lambda: day(r) + fill(r, "9999") + "08" + fill(r, "9")), ["South African ID", "ID number"], False),
    "ZA_INCOME_TAX_NUMBER": (lambda r: until(stdnum.za.tin.is_valid, lambda: r.choice("0123") + fill(r, "999999999")), ["income tax number", "SARS"], False),
    "ZA_COMPANY_REGISTRATION": (lambda r: f"{r.randint(1990, 2023)}/{fill(r, '999999')}/07", ["company registration"], False),
    "NG_NIN": (lambda r: fill(r, "99999999999"), ["NIN"], False),
    "NG_VEHICLE_REGISTRATION": (lambda r: fill(r, "AAA-999AA"), ["plate", "vehicle registration"], False),
    "LICENSE_PLATE": (lambda r: r.choice([fill(r, "AAA 9999"), fill(r, "9AAA999"), fill(r, "AAA-999")]), ["license plate", "plate"], False),
    "SWIFT_CODE": (lambda r: r.choice(["NORDDE", "KITEGB", "LUMEFR", "ASTRNL"]) + r.choice(["22", "2L", "FF"]) + r.choice(["", "XXX"]), ["SWIFT", "BIC"], False),
    "URL": (lambda r: r.choice(["https://", "http://", "https://www."]) + r.choice(HOSTS) + r.choice(["", "/", "/a/b?c=" + fill(r, "99"), "/profile/" + fill(r, "999")]), ["website", "link"], True),
}

# Kinds with arithmetic: changing a digit makes a near-miss.
CHECKED = [kind for kind in KINDS if kind in (
    "CREDIT_CARD IBAN_CODE CRYPTO ETHEREUM_ADDRESS LITECOIN_ADDRESS TRON_ADDRESS ABA_ROUTING_NUMBER US_NPI MEDICAL_LICENSE CA_SIN "
    "BR_CPF BR_CNPJ MX_CURP AR_CUIT CL_RUT PE_RUC EC_CEDULA UK_NHS UK_UTR IE_PPS ES_NIF ES_NIE IT_FISCAL_CODE IT_VAT_CODE "
    "FI_PERSONAL_IDENTITY_CODE SE_PERSONNUMMER NO_FODSELSNUMMER NL_BSN BE_NATIONAL_NUMBER DE_TAX_ID DE_VAT_ID FR_NIR FR_SIREN "
    "PT_NIF CH_AHV CH_UID GR_AFM IS_KENNITALA PL_PESEL PL_NIP PL_REGON CZ_RODNE_CISLO RO_CNP BG_EGN HR_OIB EE_ISIKUKOOD RU_INN "
    "RU_SNILS SG_NRIC_FIN AU_ABN AU_ACN AU_TFN IN_AADHAAR IN_GSTIN TH_TNIN JP_MY_NUMBER CN_RESIDENT_ID TW_NATIONAL_ID HK_HKID "
    "IL_ID_NUMBER TR_NATIONAL_ID AE_EMIRATES_ID ZA_ID_NUMBER ORCID IMEI").split()]

SENTENCES = ["My {label} is {value}.", "{label}: {value}", "Please check {label} {value} before Friday.", "{label} {value}",
             "Her {label} ({value}) was on the form.", "we still need your {label}, is it {value}?", "The {label} on file is {value}, thanks",
             "hi, {label} = {value} :)", "* {label}: {value}\n* status: open", "| {label} | {value} |", "{label}\t{value}",
             "<td>{label}</td><td>{value}</td>", "2026-02-11 09:14:02 INFO update {label}={value} ok", "{label};{value}",
             "Dear team,\nthe {label} {value} belongs to the applicant.\nRegards", "q: {label}? a: {value}",
             "Could you confirm that {label} {value} is right"]
ALONE = ["See {value} for details.", "{value}", "the record says {value}, nothing else", "value={value}", "[{value}]", "done: {value}.",
         "she wrote {value} on the back", "\"{value}\""]
TRIVIA = {
    "version": lambda r: f"Upgraded the proxy to version {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 9)}.{r.randint(0, 99)} today.",
    "semver": lambda r: f"\"left-align\": \"^{r.randint(1, 30)}.{r.randint(0, 20)}.{r.randint(0, 9)}\"",
    "sha1": lambda r: f"commit {fill(r, 'H' * 40)}",
    "sha256": lambda r: f"digest {hashlib.sha256(fill(r, 'H' * 8).encode()).hexdigest()} verified",
    "md5": lambda r: f"etag {fill(r, 'H' * 32)}",
    "epoch": lambda r: f"ts={r.randint(1_500_000_000, 1_800_000_000)} level=info",
    "epoch_ms": lambda r: f"{{\"at\": {r.randint(1_500_000_000_000, 1_800_000_000_000)}}}",
    "log": lambda r: f"{day(r, '%Y-%m-%d', 2015, 2025)}T{r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}.{fill(r, '999')}Z worker-{fill(r, '9')} took {fill(r, '999')}ms",
    "order": lambda r: f"Your order {fill(r, r.choice(['99999999', '999999999', '9999999999', '99999999999']))} has shipped.",
    "order_dash": lambda r: f"order no. {fill(r, '999-9999999-9999999')} arrives on Monday",
    "invoice": lambda r: f"Invoice INV-{r.randint(2015, 2026)}-{fill(r, '99999')} is due.",
    "tracking": lambda r: f"tracking number {fill(r, '999999999999')}",
    "price": lambda r: f"It costs ${r.randint(1, 999)},{fill(r, '999')}.{fill(r, '99')} or \u20ac{fill(r, '99999999')}.",
    "float": lambda r: f"loss: 0.{fill(r, '9999999999')} after {fill(r, '99999')} steps",
    "coordinates": lambda r: f"x={r.uniform(-90, 90):.6f}; y={r.uniform(-180, 180):.6f}",
    "number": lambda r: f"There are {fill(r, '9999999999')} rows in the table.",
    "isbn": lambda r: f"ISBN 978-{fill(r, '9-999-99999-9')}",
    "range": lambda r: f"pages {r.randint(10, 90)}-{r.randint(100, 200)}, lines {fill(r, '999')}-{fill(r, '9999')}",
    "phone_like": lambda r: f"the score was {fill(r, '99')}-{fill(r, '99')} in {r.randint(1950, 2024)}",
    "cpp": lambda r: "std::vector<a::b> items; fe::run(ab::cd);",
    "decorator": lambda r: "@app.route('/x')\ndef f(self): return self.name.id",
    "ratio": lambda r: f"scaled by {fill(r, '9')}:{fill(r, '99')} at {r.randint(1, 12)}:{fill(r, '99')}",
    "hexcolor": lambda r: f"color: #{fill(r, 'HHHHHH')};",
    "base64": lambda r: "data:;base64," + "".join(r.choice(string.ascii_letters + string.digits + "+/") for _ in range(80)) + "==",
    "path": lambda r: f"/var/lib/app/{fill(r, '99999999')}/{fill(r, 'HHHHHHHH')}.bin",
    "jira": lambda r: f"Fixes {fill(r, 'AAA')}-{fill(r, '9999')} and {fill(r, 'AA')}-{fill(r, '99999')}.",
    "matrix": lambda r: " ".join(fill(r, "999") for _ in range(12)),
    "csv": lambda r: ",".join(fill(r, r.choice(["99", "9999", "999999", "99999999"])) for _ in range(8)),
    "math": lambda r: f"{fill(r, '99999')} + {fill(r, '99999')} = {fill(r, '999999')}",
    "sku": lambda r: f"SKU {fill(r, 'AA')}{fill(r, '99999')}-{fill(r, 'A')}",
    "flight": lambda r: f"flight {fill(r, 'AA')}{fill(r, '999')} leaves at gate {fill(r, 'A99')}",
    "year": lambda r: f"Between {r.randint(1900, 1950)} and {r.randint(1951, 2020)} it grew by {fill(r, '99')}%.",
    "at": lambda r: "meet @ noon, pay 3@2.50, see pkg@1.2.3 and user@localhost",
}
ENGLISH = ["The ferry was late again, so we read the whole timetable aloud.", "Nothing in the annex mentions the garden wall.",
           "She asked whether the recipe works with rye flour.", "Our roadmap for the spring has four parts; none is urgent."]


def place(text, values):
    """The row's entities: each value at its only place in the text."""
    found = []
    for kind, value in values:
        at = text.index(value)
        found.append({"kind": kind, "start": len(text[:at].encode()), "end": len(text[:at + len(value)].encode())})
    return found


def valid_row(rng, kind):
    draw, labels, alone = KINDS[kind]
    value = draw(rng)
    style = rng.random()
    label = rng.choice(labels)
    if alone and style < 0.25:
        text = rng.choice(ALONE).format(value=value)
    elif style < 0.45:
        key = label.lower().replace(" ", "_").replace("-", "_").replace("'", "")
        text = json.dumps({"name": rng.choice(["Ada", "Bo", "Chi"]), key: value, "ok": True}, ensure_ascii=False)
    else:
        text = rng.choice(SENTENCES).format(label=label, value=value)
    if rng.random() < 0.3:
        text = rng.choice(ENGLISH) + " " + text
    if rng.random() < 0.3:
        text += " " + rng.choice(ENGLISH)
    return {"text": text, "entities": place(text, [(kind, value)]), "source": "valid"}


def mixed_row(rng):
    """Several kinds in one record."""
    kinds = rng.sample([k for k in KINDS if k not in ("URL",)], 3)
    labels = [rng.choice(KINDS[k][1]) for k in kinds]
    values = [KINDS[k][0](rng) for k in kinds]
    if rng.random() < 0.5:
        text = "\n".join(f"{label}: {value}" for label, value in zip(labels, values))
    else:
        text = json.dumps({label: value for label, value in zip(labels, values)}, ensure_ascii=False, indent=rng.choice([None, 2]))
        if len(set(labels)) < 3:
            return mixed_row(rng)
    if len(set(values)) < 3 or any(a != b and a in b for a in values for b in values):
        return mixed_row(rng)
    return {"text": text, "entities": place(text, list(zip(kinds, values))), "source": "valid"}


def near_miss_row(rng):
    kind = rng.choice(CHECKED)
    draw, labels, _ = KINDS[kind]
    value = draw(rng)
    places = [i for i, c in enumerate(value) if c.isdigit()]
    how = rng.random()
    if how < 0.6:
        # One digit changed, so that a single check digit cannot hold; its neighbours stay.
        at = places[-1] if rng.random() < 0.5 or len(places) < 6 else rng.choice(places[2:])
        digit = rng.choice([d for d in "0123456789" if d != value[at]])
        value = value[:at] + digit + value[at + 1:]
    elif how < 0.8:
        at = places[-1]
        value = value[:at] + value[at + 1:] if rng.random() < 0.5 else value[:at] + rng.choice("0123456789") + value[at:]
    else:
        plain = "".join(c for c in value if c.isalnum())
        value = fill(rng, "9999") + plain + fill(rng, "9999")
    return kind, labels, value


def is_still_valid(kind, value):
    plain = "".join(c for c in value if c.isalnum())
    tests = {"CREDIT_CARD": luhn.is_valid, "IBAN_CODE": iban.is_valid, "CA_SIN": luhn.is_valid, "IMEI": luhn.is_valid}
    modules = {"BR_CPF": stdnum.br.cpf, "BR_CNPJ": stdnum.br.cnpj, "MX_CURP": stdnum.mx.curp, "AR_CUIT": stdnum.ar.cuit, "CL_RUT": stdnum.cl.rut,
               "PE_RUC": stdnum.pe.ruc, "EC_CEDULA": stdnum.ec.ci, "UK_NHS": stdnum.gb.nhs, "UK_UTR": stdnum.gb.utr, "IE_PPS": stdnum.ie.pps,
               "ES_NIF": stdnum.es.dni, "ES_NIE": stdnum.es.nie, "IT_FISCAL_CODE": stdnum.it.codicefiscale, "IT_VAT_CODE": stdnum.it.iva,
               "SE_PERSONNUMMER": stdnum.se.personnummer, "NO_FODSELSNUMMER": stdnum.no.fodselsnummer, "NL_BSN": stdnum.nl.bsn,
               "BE_NATIONAL_NUMBER": stdnum.be.nn, "DE_TAX_ID": stdnum.de.idnr, "DE_VAT_ID": stdnum.de.vat, "FR_NIR": stdnum.fr.nir,
               "FR_SIREN": stdnum.fr.siren, "PT_NIF": stdnum.pt.nif, "CH_AHV": stdnum.ch.ssn, "CH_UID": stdnum.ch.uid, "GR_AFM": stdnum.gr.vat,
               "IS_KENNITALA": stdnum.is_.kennitala, "PL_PESEL": stdnum.pl.pesel, "PL_NIP": stdnum.pl.nip, "PL_REGON": stdnum.pl.regon,
               "CZ_RODNE_CISLO": stdnum.cz.rc, "RO_CNP": stdnum.ro.cnp, "BG_EGN": stdnum.bg.egn, "HR_OIB": stdnum.hr.oib,
               "EE_ISIKUKOOD": stdnum.ee.ik, "RU_INN": stdnum.ru.inn, "AU_ABN": stdnum.au.abn, "AU_ACN": stdnum.au.acn, "AU_TFN": stdnum.au.tfn,
               "IN_AADHAAR": stdnum.in_.aadhaar, "IN_GSTIN": stdnum.in_.gstin, "TH_TNIN": stdnum.th.pin, "CN_RESIDENT_ID": stdnum.cn.ric,
               "IL_ID_NUMBER": stdnum.il.idnr, "TR_NATIONAL_ID": stdnum.tr.tckimlik, "ZA_ID_NUMBER": stdnum.za.idnr,
               "ABA_ROUTING_NUMBER": stdnum.us.rtn}
    if kind in tests:
        return tests[kind](plain)
    if kind in modules:
        return modules[kind].is_valid(value) or modules[kind].is_valid(plain)
    return False


def negative_row(rng):
    if rng.random() < 0.5:
        text = rng.choice(list(TRIVIA.values()))(rng)
        if rng.random() < 0.4:
            text = rng.choice(ENGLISH) + " " + text
        return {"text": text, "entities": [], "source": "clean"}
    kind, labels, value = near_miss_row(rng)
    if is_still_valid(kind, value):
        return negative_row(rng)
    label = rng.choice(labels) if rng.random() < 0.7 else "reference"
    text = rng.choice(SENTENCES).format(label=label, value=value)
    return {"text": text, "entities": [], "source": "near_miss"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    kinds = list(KINDS)
    for index in range(args.rows):
        if index % 2 == 0:
            row = mixed_row(rng) if index % 10 == 0 else valid_row(rng, kinds[index // 2 % len(kinds)])
        else:
            row = negative_row(rng)
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
