"""Write docs/published-deals.md and its charts: every published deal beside its answer.

python .ci/published
"""

from pathlib import Path

from charts import FOLDER
from page import build

DOCS = Path(__file__).parents[2] / "docs"

if __name__ == "__main__":
    built = build()
    (DOCS / FOLDER).mkdir(parents=True, exist_ok=True)
    for old in (DOCS / FOLDER).glob("*.svg"):
        if f"{FOLDER}/{old.name}" not in built:
            old.unlink()
    for path, content in built.items():
        (DOCS / path).write_text(content)
