"""Layout of memos: the blocks they are made of, and the template that sets them as a PDF."""
