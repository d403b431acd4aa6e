"""The documents there are, by name."""

from rackrate.documents.document import Document
from rackrate.documents.memo.memo import MEMO
from rackrate.documents.pool_memo.memo import POOL_MEMO
from rackrate.documents.tables.forms import TABLES

DOCUMENTS: dict[str, Document] = {document.name: document for document in (MEMO, *TABLES)}
POOL_DOCUMENTS: dict[str, Document] = {document.name: document for document in (POOL_MEMO,)}
