"""The OpenAPI 3.1 document of /api/v1, made from the table (OpenAPI Specification 3.1.1)."""

import re
from collections.abc import Collection

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from gateway.desk.inputs import Upload
from gateway.desk.table import Act, Area, Download, Input, View

Tree = dict[str, object]
_PROBLEM: Tree = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "Stable key of what is wrong"},
        "message": {"type": "string", "description": "A sentence in the language asked for (Accept-Language)"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_FAILURES = {
    "400": "The request can't be read",
    "401": "No good token",
    "403": "The token's role has not the right",
    "404": "What was named is not there",
    "409": "It can't be done as things stand",
    "413": "The body is larger than the act takes",
    "422": "A field is wrong",
    "429": "Too many requests; wait",
    "503": "The box can't do it now; nothing was changed",
}


def document(areas: Collection[Area], version: str) -> Tree:
    """The whole document; operations are named as the table names them."""
    schemas: Tree = {"Problem": _PROBLEM}
    paths: dict[str, Tree] = {}
    for area in areas:
        for view in area.views:
            _put(paths, view.path, "get", _view(view, schemas))
        for act in area.acts:
            _put(paths, act.path, act.method.lower(), _act(act, schemas))
        for one in area.downloads:
            _put(paths, one.path, "get", _download(one, schemas))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cổng",
            "version": version,
            "description": "What the desk of a library's gateway shows and does, for programs. Times are ISO 8601 with "
            "an offset, days are the site's, amounts are bytes, money is whole đồng.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _put(paths: dict[str, Tree], path: str, method: str, operation: Tree) -> None:
    entry = paths.setdefault(path, {})
    if method in entry:
        raise ValueError(f"{method} {path} stands in the table twice")
    entry[method] = operation


def _view(view: View, schemas: Tree) -> Tree:
    told = _told(view.told, schemas)
    return {
        **_head(view.name, view.summary, view.right),
        "parameters": _parameters(view.path, view.asked, schemas),
        "responses": {"200": _json("What was asked for", told), **_failures()},
    }


def _download(one: Download, schemas: Tree) -> Tree:
    content = {kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in one.content_types}
    return {
        **_head(one.name, one.summary, one.right),
        "parameters": _parameters(one.path, one.asked, schemas),
        "responses": {"200": {"description": "The file", "content": content}, **_failures()},
    }


def _act(act: Act, schemas: Tree) -> Tree:
    inside = set(_names(act.path))
    whole = _schema(act.asked, schemas)
    properties = {name: one for name, one in _dict(whole["properties"]).items() if name not in inside}
    required = [name for name in _list(whole.get("required", [])) if name not in inside]
    body: Tree = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        body["required"] = required
    kind = "multipart/form-data" if has_upload(act.asked) else "application/json"
    operation: Tree = {
        **_head(act.name, act.summary, act.right),
        "parameters": [each for each in _parameters(act.path, act.asked, schemas) if each["in"] == "path"],
        "responses": {"200": _json("It is done", _told(act.told, schemas)), **_failures()},
    }
    if properties:
        operation["requestBody"] = {"required": bool(required), "content": {kind: {"schema": body}}}
    return operation


def _head(name: str, summary: str, right: str) -> Tree:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [name.partition(".")[0]],
        "description": f"Needs the right `{right}`.",
    }


def _parameters(path: str, asked: type[Input], schemas: Tree) -> list[Tree]:
    whole = _schema(asked, schemas)
    required, inside = _list(whole.get("required", [])), _names(path)
    return [
        {
            "name": name,
            "in": "path" if name in inside else "query",
            "required": name in required or name in inside,
            "schema": one,
        }
        for name, one in _dict(whole["properties"]).items()
    ]


def has_upload(asked: type[Input]) -> bool:
    """Whether a file is among its fields."""
    return any(
        Upload in (each.annotation, *getattr(each.annotation, "__args__", ())) for each in asked.model_fields.values()
    )


def _schema(asked: type[Input], schemas: Tree) -> Tree:
    _, found = models_json_schema([(asked, "validation")], ref_template=_reference(asked, "{model}"))
    definitions = dict(_dict(found.get("$defs", {})))
    own: Tree = dict(_dict(definitions.pop(asked.__name__)))
    if "Upload" in definitions:
        definitions["Upload"] = {"type": "string", "format": "binary", "description": "A file"}
    schemas.update({_name_in(asked, name): one for name, one in definitions.items()})
    own.setdefault("properties", {})
    return own


def _told(told: type[object], schemas: Tree) -> Tree:
    found = TypeAdapter(told).json_schema(mode="serialization", ref_template=_reference(told, "{model}"))
    schemas.update({_name_in(told, name): one for name, one in found.pop("$defs", {}).items()})
    schemas[_name_in(told)] = found
    return {"$ref": _reference(told)}


def _name_in(whole: type[object], part: str = "") -> str:
    """Parts are named by what they are of: areas may call different things alike."""
    return ".".join(filter(None, (whole.__module__.rpartition(".")[2], whole.__name__, part)))


def _reference(whole: type[object], part: str = "") -> str:
    return f"#/components/schemas/{_name_in(whole, part)}"


def _json(description: str, schema: Tree) -> Tree:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _failures() -> Tree:
    return {status: _json(says, {"$ref": "#/components/schemas/Problem"}) for status, says in _FAILURES.items()}


def _names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _dict(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
