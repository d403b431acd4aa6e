"""How the pages become one site: `make docs`. Nothing is fetched, and the site asks nothing of elsewhere."""

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from rackrate import __version__

project, author, copyright = "rackrate", "rackrate", "rackrate, Apache-2.0"
version = release = __version__
extensions = ["myst_nb"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
root_doc = "index"
exclude_patterns = ["conf.py"]
html_theme = "furo"
html_title = f"rackrate {__version__}"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.xref_missing"]  # of anchors that are HTML: a test follows every link of the site
nb_execution_mode = "cache"
nb_execution_cache_path = "../build/notebooks"
nb_execution_timeout = 120
nb_execution_raise_on_error = True


def setup(app: Sphinx) -> None:
    """Show M as it is: no lexer knows it."""
    app.add_lexer("powerquery", TextLexer)
