"""What is here runs beside what is generated, and is no module of these tests."""

collect_ignore_glob = ["ask_*.py"]
