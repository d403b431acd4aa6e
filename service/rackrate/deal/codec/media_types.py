"""Media types of documents, by their registered and customary names."""

JSON = "application/json"


MSGPACK = "application/vnd.msgpack"


MSGPACK_NAMES = (MSGPACK, "application/msgpack", "application/x-msgpack")


NDJSON = "application/x-ndjson"


NDJSON_NAMES = (NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines")


XML_NAMES = ("application/xml", "text/xml")


CSV = "text/csv"


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
