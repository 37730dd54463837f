"""Made-up prompts for the examples: ordinary ones, and among any ten one to redact and one to refuse."""

import random

WORDS = (
    "please explain how our quarterly report compares with last year and why sales rose in march then write a short "
    "answer about returns shipping invoices support hours holiday plans train times recipes python code and weather"
).split()


def prompts(count, seed=1):
    """`count` prompts of about 250 characters."""
    drawn = random.Random(seed)
    made = []
    for number in range(count):
        words = drawn.choices(WORDS, k=40)
        if number % 10 == 4:
            words[20] = f"ORD-{drawn.randrange(10**6):06}"
        if number % 10 == 8:
            words[10] = "ransomware"
        made.append(" ".join(words))
    return made
