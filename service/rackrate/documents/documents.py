"""The documents there are, by name."""

from rackrate.documents.document import Document
from rackrate.documents.memo.memo import MEMO
from rackrate.documents.pool_memo.document import POOL_MEMO
from rackrate.documents.pool_workbook.document import POOL_WORKBOOK
from rackrate.documents.tables.forms import TABLES
from rackrate.documents.workbook.document import WORKBOOK

DOCUMENTS: dict[str, Document] = {document.name: document for document in (WORKBOOK, MEMO, *TABLES)}
POOL_DOCUMENTS: dict[str, Document] = {document.name: document for document in (POOL_WORKBOOK, POOL_MEMO)}
