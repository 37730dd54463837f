"""Accuracy of language detectors from their answers: python3 compare.py ROWS NAME=ANSWERS ...

ROWS is the JSON Lines file that was read, ANSWERS a file of `label TAB answer` in the same order; answers may be ISO 639-1 or
639-3 codes. Macrolanguages count as one (Croatian and Bosnian, both Norwegian, Malay and Indonesian) in the last column.
"""

import json
import random
import sys

# ISO 639-3 -> 639-1, for the languages of the rows.
THREE = dict(
    pair.split(":") for pair in """afr:af ara:ar aze:az bel:be bul:bg ben:bn bos:bs cat:ca ces:cs cym:cy dan:da deu:de ell:el eng:en
    epo:eo spa:es est:et eus:eu fas:fa pes:fa fin:fi fra:fr gle:ga guj:gu heb:he hin:hi hrv:hr hun:hu hye:hy ind:id isl:is ita:it jpn:ja
    kat:ka kaz:kk kor:ko lat:la lug:lg lit:lt lav:lv mri:mi mkd:mk khk:mn mon:mn mar:mr msa:ms zlm:ms nob:nb nld:nl nno:nn pan:pa pol:pl por:pt
    ron:ro rus:ru slk:sk slv:sl sna:sn som:so sqi:sq srp:sr sot:st swe:sv swa:sw tam:ta tel:te tha:th tgl:tl tsn:tn tur:tr tso:ts
    ukr:uk urd:ur vie:vi xho:xh yor:yo zho:zh cmn:zh zul:zu""".split()
)  # fmt: skip
GUARD = set("ar bg de el en es fr hi it ja nl pl pt ru sw th tr ur vi zh".split())
MACRO = {"bs": "sh", "hr": "sh", "sr": "sh", "nb": "no", "nn": "no", "id": "ms"}


def share(right: list[bool]) -> str:
    if not right:
        return "-"
    generator = random.Random(7)
    drawn = sorted(sum(generator.choices(right, k=len(right))) / len(right) for _ in range(300))
    return f"{sum(right) / len(right):.3f} [{drawn[7]:.3f}, {drawn[292]:.3f}]"


def main() -> None:
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    for argument in sys.argv[2:]:
        name, path = argument.split("=")
        answers = [THREE.get(line.rstrip("\n").split("\t")[1], line.rstrip("\n").split("\t")[1]) for line in open(path, encoding="utf-8")]
        if len(answers) != len(rows):
            sys.exit(f"{path}: {len(answers)} answers for {len(rows)} rows")
        known = set(answers)
        for source in sorted({row["source"] for row in rows}):
            of = [(row["label"], answer) for row, answer in zip(rows, answers) if row["source"] == source]
            everything = [label == answer for label, answer in of]
            guard = [label == answer for label, answer in of if label in GUARD]
            macro = [MACRO.get(label, label) == MACRO.get(answer, answer) for label, answer in of]
            print(f"{name:16} {source:18} n {len(of)} languages answered {len(known):3} all {share(everything)} "
                  f"llm-guard's 20 {share(guard)} macrolanguages as one {share(macro)}")  # fmt: skip


if __name__ == "__main__":
    main()
