"""The tutorial runs from its first cell to its last, and draws what it says."""

import nbformat
from nbclient import NotebookClient
from tests.conftest import ROOT

PAGE = ROOT / "docs/tutorial.ipynb"


def test_every_cell_runs_and_each_plot_is_drawn() -> None:
    notebook = nbformat.read(PAGE, as_version=4)
    kept = [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert kept == [], "outputs are made by who builds the pages: clear them"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    plots = [cell for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(plots) == sum("plt.show()" in cell.source for cell in code) >= 5
    told = "".join(output.text for cell in code for output in cell.outputs if output.output_type == "stream")
    assert "bound by max_ltv, next refinance" in told
    assert "Warning" not in told
